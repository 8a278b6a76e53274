//! Sections whose parts are not there yet. What asks for something missing is refused.

use diagnostics::fields::{Field, Fields};

use super::reading::Reading;

pub(super) fn read(reading: &Reading<'_>, root: &mut Fields<'_>) {
    if let Field::Is(state) = root.key("state").text()
        && state.value != "memory"
    {
        reading.not_available(state.span, "state other than memory");
    }
    if let Field::Is(node) = root.key("telemetry").node() {
        reading.not_available(node.span, "the section telemetry");
    }
}
