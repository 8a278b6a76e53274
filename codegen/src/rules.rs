//! Every rule a manifest can break: its stable code, what it is called, and why it exists.
//!
//! A code never changes its meaning and is never used again once its rule is gone.

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable code, `M` and three digits.
    pub code: &'static str,
    /// What a broken rule is called, in a few words.
    pub title: &'static str,
    /// Why the rule exists and how to satisfy it.
    pub explanation: &'static str,
}

macro_rules! rules {
    ($($name:ident $code:literal $title:literal $explanation:literal;)*) => {
        $(pub(crate) const $name: &str = $code;)*

        /// All rules, in the order of their codes.
        pub static RULES: &[Rule] = &[$(Rule { code: $code, title: $title, explanation: $explanation },)*];
    };
}

rules! {
    SYNTAX "M001" "not YAML"
        "The file is not YAML of the strict dialect: one document, no anchors, aliases, merge keys or tags, and keys that are text.";
    DUPLICATE_KEY "M002" "a key stands twice"
        "Of two equal keys in one mapping only one could be meant; delete or rename the other.";
    UNKNOWN_KEY "M003" "unknown key"
        "The manifest language has no such key here. A key that nobody reads would be a promise that nobody keeps.";
    WRONG_TYPE "M004" "wrong type of value"
        "The key takes another type of value, for example a list or text. Text that looks like a number or a boolean is written in quotes.";
    MISSING_KEY "M005" "a required key is missing"
        "Every manifest has title, description, effect, aliases and a target; every parameter has a type, and on the top level a description.";
    UNKNOWN_WORD "M006" "not one of the words that may stand here"
        "Some keys take one of a few words, such as `effect: read | write | destructive`.";
    MISPLACED_FILE "M007" "a file is out of place"
        "A manifest is manifests/<domain>/<tool>.yaml, and manifests/services.yaml names the backend services. A file elsewhere would be ignored silently.";
    BAD_NAME "M008" "a name is not snake_case"
        "Names of domains, tools and services begin with a lower-case letter and go on with lower-case letters, digits and underscores, and are none of crate, self and super. The folder and the file name of a manifest make the tool's name.";
    LONG_NAME "M009" "the name of a tool is too long"
        "The listed name, domain and tool together, has at most 40 characters: agents put the server's name in front, and some refuse more than 60 in all.";
    TARGET "M010" "neither one backend request nor one handler"
        "A tool goes to a backend (`backend` and `request`) or to a function of the runtime (`handler`), never to both.";
    BAD_REQUEST "M011" "not a method and a path"
        "`request` is a method (GET, POST, PUT, PATCH, DELETE), one space and a path of plain segments. A segment may be `{parameter}` as a whole. Query strings are made from parameters.";
    UNKNOWN_PATH_PARAM "M012" "unknown parameter in the path"
        "Each `{name}` in the path takes the parameter of that name.";
    BAD_PATH_PARAM "M013" "a parameter that cannot stand in the path"
        "A path is whole or wrong: its parameters are required, and are text, numbers or booleans.";
    PATH_PLACE "M014" "the path and `in` disagree"
        "A parameter stands in the path exactly if the request has `{its name}`.";
    UNKNOWN_BACKEND "M015" "unknown backend"
        "`backend` is one of the services that manifests/services.yaml names.";
    NO_SERVICES "M016" "the list of services is missing or empty"
        "manifests/services.yaml names each backend service with one line of text: `memory: long-term memory of a tenant`.";
    BAD_HANDLER "M017" "not a name of a handler"
        "`handler` is the name of a function of the runtime, in snake_case.";
    EFFECT_METHOD "M020" "effect and method contradict each other"
        "GET only reads, and PUT, PATCH and DELETE never only read. Agents and retries rely on `effect`, so it must be the truth. POST may be anything.";
    NO_APPROVAL "M021" "it is not said whether approval is needed"
        "A tool that changes something says `approval: required` or `approval: none`. Only a read may leave it out.";
    DESTRUCTIVE "M022" "a destructive tool without approval"
        "What cannot be undone is approved by a person first: `approval: required`.";
    BAD_ROLES "M023" "a list of roles that cannot be right"
        "`roles` is `default` or a list of at least one role, each named once.";
    BAD_TIMEOUT "M024" "a timeout out of range"
        "A timeout lies between 1ms and 120s.";
    BAD_RATE_LIMIT "M025" "a rate limit out of range"
        "A rate limit counts calls per window, from 1 to 1,000,000,000.";
    EMPTY_TEXT "M026" "an empty text"
        "Titles, descriptions and names are read by people and agents; an empty one says nothing.";
    LONG_TEXT "M027" "a text is too long"
        "A description has at most 1,024 characters and a title at most 80; agents pay for each of them on every listing.";
    EFFECT_NAME "M028" "a read that is named for a change"
        "A warning. Clients call what reads without asking anybody, and a name such as `delete_deal` says something else. `effect` decides the annotations that clients see, so it must be the truth.";
    BAD_ALIAS "M030" "not a legal alias"
        "An alias begins with a lower-case letter, goes on with lower-case letters, digits, underscores, dots and hyphens, and has at most 64 characters.";
    TAKEN_ALIAS "M031" "an alias is taken"
        "A tool answers to its name and its aliases, so no two tools may share one, also after `.` and `-` became `_`; nor is an alias written twice or equal to the tool's own name.";
    NO_ALIAS "M032" "no alias"
        "`aliases` is written out and holds at least one, usually `<domain>.<tool>`.";
    TAKEN_NAME "M033" "two tools have one name"
        "The names of two tools are equal: `a_b/c.yaml` and `a/b_c.yaml` are both `a_b_c`. Rename one of them.";
    LOOKALIKE_NAME "M034" "two names look alike"
        "Names that differ only in `0` and `o` or in `1` and `l` are one name to a person who approves a call.";
    SAME_REQUEST "M035" "two tools send the same request"
        "A warning. An agent has to choose between two tools that do the same. Make one of them, with an alias if a second name is needed.";
    BAD_PARAM_NAME "M040" "not a legal name of a parameter"
        "Names of parameters are snake_case with at most 40 characters, and none of crate, self and super. If the backend needs another spelling, say it with `as`.";
    RESERVED_PARAM "M041" "a reserved name"
        "tenant_id, actor, actor_role, user_approved and correlation_id are context, which the gateway adds by itself; a parameter of that name could forge it.";
    BAD_HEADER "M043" "a header that may not be mapped"
        "Headers of the connection, of authentication and of the gateway's own context are not an agent's to set.";
    SAME_WIRE_NAME "M044" "two parameters have one name on the wire"
        "Two parameters in the same part of the request must differ there; mind `as`.";
    NO_BODY "M045" "a body that the method does not have"
        "GET and DELETE carry no body; their parameters go to the path, the query or a header.";
    BAD_PLACE "M046" "a type that cannot stand there"
        "A query takes text, numbers, booleans and lists of them; a header takes one of them. Lists and objects go to the body.";
    IDLE_KEYWORD "M050" "a keyword that says nothing here"
        "The keyword does not belong to this type or place, so nothing would obey it.";
    BAD_BOUND "M051" "bounds that no value can meet"
        "A lower bound above the upper one, a negative length, or two bounds for the same side.";
    BAD_PATTERN "M052" "a pattern that cannot be used"
        "Patterns run in the gateway in linear time and are read by agents as ECMAScript. Look-around, backreferences and spellings that only one of both knows are refused.";
    BAD_ENUM "M053" "an enumeration that cannot be right"
        "`enum` lists at least one text, each once.";
    NO_ITEMS "M054" "a list without items"
        "An array says with `items` what it holds; many agents refuse one that does not.";
    BAD_DEFAULT "M055" "a default that its own schema refuses"
        "A default is used as if the agent had sent it, so it must be a legal value.";
    BAD_EXAMPLE "M056" "an example that its own schema refuses"
        "Agents copy examples; each must be a legal call.";
    DEFAULT_REQUIRED "M057" "a default of a required parameter"
        "A required parameter is always given, so its default could never be used.";
    TOO_DEEP "M058" "nested too deeply"
        "Parameters nest at most 8 levels deep; agents fail to fill deeper ones.";
    NO_PROPERTIES "M059" "an object without properties"
        "`properties` lists at least one. Leave the key out for an object of any keys.";
    FOREIGN_KEYWORD "M060" "a keyword that clients refuse"
        "One schema that a client refuses can end its whole session, so the language has no oneOf, anyOf, allOf, not, const, $ref, nullable, lists of types and the like. Each has an answer here: `enum` of one word for const, the parts written out for $ref and allOf, `any` for oneOf and anyOf; an optional parameter takes null anyway. Annotations follow from `effect`.";
    WHOLE_SCHEMA "M061" "a schema where its properties belong"
        "`params` and `output` are objects by themselves; below them stand the names of their properties. An answer that is a list gets a name, such as `items`.";
    REPEATED_NAME "M062" "a description that repeats the name"
        "An agent has read the name already. For a tool this is an error, for a parameter a warning: say what it means, where its values come from, or what it changes.";
    BARE_SECRET "M063" "a likely secret that logs may show"
        "A text called password, token, secret, api_key or the like is kept out of every log by `sensitive: true`. If it is no secret, say so: `sensitive: false`.";
    OPEN_PERSONAL_DATA "M064" "personal data without a word on who may read it"
        "A warning. The answer of a read holds e-mail addresses, telephone numbers or the like, and `roles` is left out, so every default role may read them and nobody has decided that. List the roles that need them, or write `roles: default`.";
    HIDDEN_CHARACTER "M065" "a character that nobody sees"
        "Controls of writing direction, characters without width, tags and the like can hide orders to an agent from the people who review a manifest. They may stand nowhere in the file.";
    LOOKALIKE_CHARACTER "M066" "a letter that looks like another"
        "A Greek or Cyrillic letter within a Latin word, or a letter of a mathematical or full-width alphabet, is read by people as another word than by machines.";
    COMMANDS_AGENT "M067" "a text that gives the agent orders"
        "A description says what a tool does. Orders such as `ignore previous instructions`, or marks such as <system>, are how a poisoned tool takes over an agent.";
}
