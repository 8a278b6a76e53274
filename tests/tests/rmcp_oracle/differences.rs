//! Where the two servers answer differently, and why ours answers as it does.

/// One request that gets different answers.
pub(super) struct Difference {
    /// Its name in the corpus.
    pub(super) request: &'static str,
    pub(super) ours: &'static str,
    pub(super) theirs: &'static str,
    pub(super) why: &'static str,
}

const PARSING: &str = "\
    the protocol names -32700 for what is no JSON, -32600 for what is no message and -32602 for bad \
    parameters, all with status 400; rmcp answers all of them in words, with the status of a wrong \
    content type";
const NO_METHOD: &str = "\
    the method exists and its parameters are at fault, so -32602; rmcp takes a request it cannot read \
    for one of an unknown method";
const ACCEPT: &str = "\
    an answer is one JSON object unless progress was asked for, so a client that takes JSON or says \
    nothing is served";
const EMPTY: &str = "\
    some older clients give up on a server that refuses these lists, whatever it declared";

const fn differ(
    request: &'static str,
    ours: &'static str,
    theirs: &'static str,
    why: &'static str,
) -> Difference {
    Difference { request, ours, theirs, why }
}

pub(super) const DIFFERENCES: &[Difference] = &[
    differ(
        "discover",
        r#"200 versions ["2026-07-28","2025-11-25","2025-06-18","2025-03-26"] (complete), id 1"#,
        r#"200 versions ["2024-11-05","2025-03-26","2025-06-18","2025-11-25","2026-07-28"] (complete), id 1"#,
        "the newest comes first, and 2024-11-05, which has another transport, is not served",
    ),
    differ(
        "initialize 2024-11-05",
        r#"200 version "2025-11-25", id 1"#,
        r#"200 version "2024-11-05", id 1"#,
        "2024-11-05 has another transport and is not served, so the newest that begins with initialize is offered",
    ),
    differ(
        "initialize with another version in the header",
        r#"200 version "2025-06-18", id 1"#,
        "400 error -32600, id 1",
        "no revision asks for the header before a version is agreed on, so only the body counts",
    ),
    differ(
        "older version in header and body",
        "400 error -32022, id 1",
        r#"200 tool result "hi", id 1"#,
        "metadata in each request belongs to the newest revision; older ones begin with initialize",
    ),
    differ(
        "version header twice",
        "400 error -32020, id 1",
        r#"200 tool result "hi" (complete), id 1"#,
        "a proxy may read the first of two headers and we the last, so no header may come twice, even with one value",
    ),
    differ(
        "call with arguments in a list",
        "200 tool error (complete), id 1",
        "404 error -32601, id 1",
        "bad arguments of any kind are told to the model as a tool error, so that it can mend them",
    ),
    differ("call without a name", "200 error -32602, id 1", "404 error -32601, id 1", NO_METHOD),
    differ("call with a number for a name", "400 error -32602, id 1", "404 error -32601, id 1", NO_METHOD),
    differ("older call without a name", "200 error -32602, id 1", "200 error -32601, id 1", NO_METHOD),
    differ("initialize without parameters", "200 error -32602, id 1", "200 error -32601, id 1", NO_METHOD),
    differ(
        "notification without a method header",
        "202 without a body",
        "400 error -32020, no id",
        "what headers a notification needs is not defined, and refusing one helps nobody",
    ),
    differ(
        "older list of an unknown version",
        "400 error -32022, id 1",
        "400 words",
        "the code and the list of versions let a client mend the request; words do not",
    ),
    differ("older prompts", r#"200 result with ["prompts"], id 1"#, "200 error -32601, id 1", EMPTY),
    differ("older resources", r#"200 result with ["resources"], id 1"#, "200 error -32601, id 1", EMPTY),
    differ(
        "older resource templates",
        r#"200 result with ["resourceTemplates"], id 1"#,
        "200 error -32601, id 1",
        EMPTY,
    ),
    differ("empty body", "400 error -32700, no id", "415 words", PARSING),
    differ("half a body", "400 error -32700, no id", "415 words", PARSING),
    differ("no JSON", "400 error -32700, no id", "415 words", PARSING),
    differ("two messages", "400 error -32700, no id", "415 words", PARSING),
    differ("byte order mark", "400 error -32700, no id", "415 words", PARSING),
    differ("null", "400 error -32600, no id", "415 words", PARSING),
    differ("batch", "400 error -32600, no id", "415 words", PARSING),
    differ("empty batch", "400 error -32600, no id", "415 words", PARSING),
    differ("no jsonrpc", "400 error -32600, no id", "415 words", PARSING),
    differ("jsonrpc 1.0", "400 error -32600, no id", "415 words", PARSING),
    differ("null id", "400 error -32600, no id", "415 words", PARSING),
    differ("fractional id", "400 error -32600, no id", "415 words", PARSING),
    differ("object for an id", "400 error -32600, no id", "415 words", PARSING),
    differ("method twice", "400 error -32600, no id", "415 words", PARSING),
    differ("no method", "400 error -32600, no id", "415 words", PARSING),
    differ("number for a method", "400 error -32600, no id", "415 words", PARSING),
    differ("params in a list", "400 error -32602, id 1", "415 words", PARSING),
    differ(
        "huge id",
        "200 result with [], id 1.2345678901234568e+29",
        "415 words",
        "an id is an integer of any size and comes back as it was spelled; the digits shown here are those of this test",
    ),
    differ("no accept", "200 result with [], id 1", "406 words", ACCEPT),
    differ("accept of JSON only", "200 result with [], id 1", "406 words", ACCEPT),
    differ("accept of everything", "200 result with [], id 1", "406 words", ACCEPT),
];
