//! Tools made by hand, for what no manifest would ask for.

use runtime::{Args, Effect, Method, Product, RequestParts, Spec, Target, Text, Tool, ToolInput};
use tests::gateway::{Gateway, config_text, product};
use tests::notes::{self, Nothing};

const SPEC: Spec = Spec {
    name: "edge_read",
    target: Target::Backend { service: "crm", method: Method::Get, path: "/read" },
    ..notes::READ
};

/// Breaks down.
struct Broken;

impl ToolInput for Broken {
    fn decode(_: &mut Args<'_>) -> Option<Self> {
        panic!("a fault in the server")
    }

    fn encode(&self, _: &mut RequestParts) {}
}

/// Puts one argument in the path between fixed segments, one in the query and one in a header.
struct Placed {
    segment: String,
    query: String,
    header: Option<String>,
}

impl ToolInput for Placed {
    fn decode(args: &mut Args<'_>) -> Option<Self> {
        let segment = args.required("segment", &Text::new());
        let query = args.required("query", &Text::new());
        let header = args.optional("header", &Text::new());
        Some(Self { segment: segment?, query: query?, header: header? })
    }

    fn encode(&self, request: &mut RequestParts) {
        request.path("segment", &self.segment);
        request.query("query", &self.query);
        request.header("header", "x-placed", &self.header);
    }
}

static READ: Tool = Tool::new::<Nothing>(&SPEC);
static WRITE: Tool = Tool::new::<Nothing>(&Spec {
    name: "edge_write",
    effect: Effect::Write,
    target: Target::Backend { service: "crm", method: Method::Post, path: "/write" },
    ..SPEC
});
static BROKEN: Tool = Tool::new::<Broken>(&Spec { name: "edge_broken", ..SPEC });
static PLACED: Tool = Tool::new::<Placed>(&Spec {
    name: "edge_placed",
    target: Target::Backend { service: "crm", method: Method::Get, path: "/before/{segment}/after" },
    ..SPEC
});

/// A product of `edge_broken`, `edge_placed`, `edge_read` and `edge_write`.
pub(crate) fn hand_made() -> Product {
    static TOOLS: &[&Tool] = &[&BROKEN, &PLACED, &READ, &WRITE];
    Product { tools: TOOLS, ..product() }
}

/// A gateway that serves them, and whose backend is nowhere.
pub(crate) async fn gateway() -> Gateway {
    Gateway::with_config(&hand_made(), &config_text(([127, 0, 0, 1], 9).into(), "")).await
}

/// A call of one of them without arguments, as the body of a request of an older client.
pub(crate) fn call(tool: &str) -> Vec<u8> {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{{}}}}}}"#
    )
    .into_bytes()
}
