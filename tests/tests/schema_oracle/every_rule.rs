//! A tool with every rule that a manifest can ask for, also those that no tool of the product uses yet.

use std::time::Duration;

use runtime::{
    AnyJson, Args, Choice, Effect, Flag, Format, FreeObject, Integer, Json, List, Method, Number,
    ObjectInput, ObjectWriter, Pattern, Record, RequestParts, Roles, Spec, Target, Text, Tool, ToolInput,
};

static PATTERN: Pattern = Pattern::new("b+c");

pub(super) static TOOL: Tool = Tool::new::<EveryRule>(&Spec {
    name: "every_rule",
    aliases: &[],
    title: "Every rule",
    description: "Takes one argument of each kind.",
    effect: Effect::Read,
    approval: false,
    roles: Roles::Default,
    target: Target::Backend { service: "memory", method: Method::Post, path: "/every_rule" },
    timeout: Duration::from_secs(1),
    rate_limit: None,
    input_schema: r#"{"type":"object","properties":{
        "text":{"type":"string","minLength":2,"maxLength":5},
        "pattern":{"type":"string","pattern":"b+c"},
        "email":{"type":"string","format":"email"},
        "date":{"type":"string","format":"date"},
        "date_time":{"type":"string","format":"date-time"},
        "uri":{"type":"string","format":"uri"},
        "uuid":{"type":"string","format":"uuid"},
        "choice":{"type":"string","enum":["one","Two","three words",""]},
        "from_to":{"type":"integer","minimum":-3,"maximum":7},
        "at_least":{"type":"integer","minimum":5},
        "at_most":{"type":"integer","maximum":-5},
        "any_integer":{"type":"integer"},
        "within":{"type":"number","minimum":-0.5,"maximum":1.25},
        "between":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1},
        "any_number":{"type":"number"},
        "flag":{"type":"boolean"},
        "numbers":{"type":"array","items":{"type":"number","minimum":-2,"maximum":2},"minItems":1,"maxItems":4,"uniqueItems":true},
        "words":{"type":"array","items":{"type":"string","maxLength":1},"maxItems":3,"uniqueItems":true},
        "things":{"type":"array","items":{},"uniqueItems":true},
        "table":{"type":"array","items":{"type":"array","items":{"type":"integer","minimum":0,"maximum":9},"minItems":2,"maxItems":2}},
        "parts":{"type":"array","items":{"type":"object","properties":{
            "key":{"type":"string","minLength":1,"maxLength":3},
            "value":{}
        },"required":["key"],"additionalProperties":false}},
        "part":{"type":"object","properties":{
            "key":{"type":"string","minLength":1,"maxLength":3},
            "value":{}
        },"required":["key"],"additionalProperties":false},
        "free":{"type":"object"},
        "any":{},
        "needed":{}
    },"required":["text","needed"],"additionalProperties":false}"#,
    output_schema: None,
    sensitive: &[],
    examples: &[],
});

/// What is read.
struct EveryRule {
    text: String,
    needed: Json,
}

impl ToolInput for EveryRule {
    fn decode(args: &mut Args<'_>) -> Option<Self> {
        let text = args.required("text", &Text::new().min_length(2).max_length(5));
        let strings = [
            args.optional("pattern", &Text::new().pattern(&PATTERN)),
            args.optional("email", &Text::new().format(Format::Email)),
            args.optional("date", &Text::new().format(Format::Date)),
            args.optional("date_time", &Text::new().format(Format::DateTime)),
            args.optional("uri", &Text::new().format(Format::Uri)),
            args.optional("uuid", &Text::new().format(Format::Uuid)),
        ];
        let choice = args.optional("choice", &Choice::new(&["one", "Two", "three words", ""]));
        let integers = [
            args.optional("from_to", &Integer::new().minimum(-3).maximum(7)),
            args.optional("at_least", &Integer::new().minimum(5)),
            args.optional("at_most", &Integer::new().maximum(-5)),
            args.optional("any_integer", &Integer::new()),
        ];
        let numbers = [
            args.optional("within", &Number::new().minimum(-0.5).maximum(1.25)),
            args.optional("between", &Number::new().exclusive_minimum(0.0).exclusive_maximum(1.0)),
            args.optional("any_number", &Number::new()),
        ];
        let flag = args.optional("flag", &Flag);
        let number = Number::new().minimum(-2.0).maximum(2.0);
        let number_list = args.optional("numbers", &List::new(&number).min_items(1).max_items(4).unique());
        let words = args.optional("words", &List::new(&Text::new().max_length(1)).max_items(3).unique());
        let things = args.optional("things", &List::new(&AnyJson).unique());
        let digit = Integer::new().minimum(0).maximum(9);
        let table = args.optional("table", &List::new(&List::new(&digit).min_items(2).max_items(2)));
        let parts = args.optional("parts", &List::new(&Record::<Part>::new()));
        let part = args.optional("part", &Record::<Part>::new());
        let free = args.optional("free", &FreeObject);
        let any = args.optional("any", &AnyJson);
        let needed = args.required("needed", &AnyJson);
        let lists = (number_list?, words?, things?, table?, parts?, part?);
        let rest = (choice?, flag?, free?, any?, lists);
        let read = strings.iter().all(Option::is_some)
            && integers.iter().all(Option::is_some)
            && numbers.iter().all(Option::is_some);
        drop(rest);
        read.then_some(())?;
        Some(Self { text: text?, needed: needed? })
    }

    fn encode(&self, request: &mut RequestParts) {
        request.body("text", &self.text);
        request.body("needed", &self.needed);
    }
}

/// An object inside the arguments.
struct Part {
    key: String,
    value: Option<Json>,
}

impl ObjectInput for Part {
    fn decode(args: &mut Args<'_>) -> Option<Self> {
        let key = args.required("key", &Text::new().min_length(1).max_length(3));
        let value = args.optional("value", &AnyJson);
        Some(Self { key: key?, value: value? })
    }

    fn encode(&self, object: &mut ObjectWriter<'_>) {
        object.field("key", &self.key);
        object.field("value", &self.value);
    }
}
