//! A product whose one tool gives its backend next to no time, and the other all it needs.

use std::net::SocketAddr;
use std::time::Duration;

use runtime::{Product, Spec, Tool};
use tests::gateway::{Gateway, NO_LIMITS};
use tests::notes::{self, Nothing};

/// A tool that changes something, in no time or not at all.
pub(super) const CHANGE: &str = "notes_change";
/// The same with time enough.
pub(super) const PATIENT_CHANGE: &str = "notes_patient_change";

const SPEC: Spec = Spec { name: CHANGE, timeout: Duration::from_millis(200), ..notes::WRITE };
static TOOL: Tool = Tool::new::<Nothing>(&SPEC);
static PATIENT: Tool = Tool::new::<Nothing>(&Spec { name: PATIENT_CHANGE, ..notes::WRITE });

static TOOLS: &[&Tool] = &[&TOOL, &PATIENT];

/// Serves both before `backend`; `more` are further keys of the service.
pub(super) async fn gateway(backend: SocketAddr, more: &str) -> Gateway {
    let product = Product { tools: TOOLS, services: &["notes"], dev_backend: None };
    let services = format!("{{services: {{notes: {{url: 'http://{backend}'{more}}}}}}}");
    let text =
        format!("tenants: {{default: {services}, other: {services}}}\nserver: {{port: 0}}\n{NO_LIMITS}");
    Gateway::with_config(&product, &text).await
}
