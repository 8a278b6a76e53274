//! Which elements a person looking at the page would not see.
//!
//! Hidden text is where instructions for models are put. What counts is the element's own attributes and the
//! plain rules of style sheets inside the page; styles of other files are never fetched, so a page can still
//! hide text from people and show it here. That is one more reason why the text is marked as untrusted.

use std::collections::BTreeSet;

/// Most names that are learnt from one page.
const MOST_NAMES: usize = 2_000;

/// Classes that frameworks hide elements by.
const HIDING_CLASSES: [&str; 6] =
    ["d-none", "hide-text", "screen-reader-text", "sr-only", "visually-hidden", "visuallyhidden"];

/// What the page's own style sheets hide.
#[derive(Debug, Default)]
pub(super) struct Styles {
    /// `.class` and `#id` selectors.
    selectors: BTreeSet<String>,
}

/// The attributes of an element that decide on its being seen.
#[derive(Debug, Default)]
pub(super) struct Looks<'a> {
    pub(super) hidden: Option<&'a str>,
    pub(super) aria_hidden: Option<&'a str>,
    pub(super) style: Option<&'a str>,
    pub(super) class: Option<&'a str>,
    pub(super) id: Option<&'a str>,
}

impl Styles {
    /// Learns from the text of a `<style>` element. Only rules for one class or id are understood, and none
    /// that hold for some screens alone.
    pub(super) fn learn(&mut self, sheet: &str) {
        let mut rest = sheet;
        while let Some((selectors, after)) = rest.split_once('{') {
            let selectors = selectors.rsplit(['}', ';', '/']).next().unwrap_or_default().trim();
            if selectors.starts_with('@') {
                rest = after_block(after);
                continue;
            }
            let (declarations, after) = after.split_once('}').unwrap_or((after, ""));
            if hides(declarations) {
                selectors.split(',').for_each(|selector| self.learn_selector(selector));
            }
            rest = after;
        }
    }

    fn learn_selector(&mut self, selector: &str) {
        let selector = selector.trim().to_ascii_lowercase();
        // A tag before the class makes the rule hold for fewer elements; it hides all the same.
        let simple = selector.find(['.', '#']).and_then(|at| selector.get(at..)).unwrap_or_default();
        let name = simple.get(1..).unwrap_or_default();
        let is_name = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
        if !name.is_empty() && name.chars().all(is_name) && self.selectors.len() < MOST_NAMES {
            self.selectors.insert(simple.to_owned());
        }
    }

    /// Whether an element of these looks is out of sight.
    pub(super) fn hide(&self, looks: &Looks<'_>) -> bool {
        looks.hidden.is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
            || looks.aria_hidden.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
            || looks.style.is_some_and(hides)
            || looks
                .class
                .is_some_and(|classes| classes.split_ascii_whitespace().any(|class| self.hide_class(class)))
            || looks.id.is_some_and(|id| self.knows('#', id))
    }

    fn hide_class(&self, class: &str) -> bool {
        HIDING_CLASSES.iter().any(|known| class.eq_ignore_ascii_case(known)) || self.knows('.', class)
    }

    fn knows(&self, sign: char, name: &str) -> bool {
        !self.selectors.is_empty() && self.selectors.contains(&format!("{sign}{}", name.to_ascii_lowercase()))
    }
}

/// What follows a block whose opening brace has been read.
fn after_block(text: &str) -> &str {
    let mut depth = 1_usize;
    for (at, char) in text.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

/// Whether declarations such as `color: red; display: none` take an element out of sight.
fn hides(declarations: &str) -> bool {
    declarations.split(';').any(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else { return false };
        let (property, value) = (property.trim().to_ascii_lowercase(), value.to_ascii_lowercase());
        let value = value.trim().trim_end_matches("!important").trim();
        match property.as_str() {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "content-visibility" => value == "hidden",
            "font-size" | "opacity" | "max-height" | "max-width" | "zoom" => is_nothing(value),
            "height" | "width" => is_nothing(value) && declarations.to_ascii_lowercase().contains("overflow"),
            "color" | "-webkit-text-fill-color" => value == "transparent",
            "text-indent" | "left" | "right" | "top" | "margin-left" => is_far_out(value),
            "clip" => value.replace([' ', ','], "").starts_with("rect(0") || value.contains("rect(1px"),
            "clip-path" => {
                value.contains("inset(50%") || value.contains("inset(100%") || value.contains("circle(0")
            }
            "transform" => value.replace(' ', "").contains("scale(0)"),
            _ => false,
        }
    })
}

/// A number that rounds to nothing, such as `0`, `0px` or `.01em`.
fn is_nothing(value: &str) -> bool {
    number(value).is_some_and(|number| number.abs() < 0.1 && !value.ends_with('%') || number == 0.0)
}

/// A distance that leads off the screen.
fn is_far_out(value: &str) -> bool {
    number(value).is_some_and(|number| number <= -99.0)
}

fn number(value: &str) -> Option<f64> {
    value.trim_end_matches(|char: char| char.is_ascii_alphabetic() || char == '%').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Looks, Styles, hides};

    #[test]
    fn declarations_that_hide_are_told_from_those_that_do_not() {
        for (declarations, expected) in [
            ("display:none", true),
            ("color: red; DISPLAY : NONE !important", true),
            ("visibility:hidden", true),
            ("font-size:0", true),
            ("font-size: 0.01em", true),
            ("opacity:0", true),
            ("opacity:0.0", true),
            ("text-indent:-9999px", true),
            ("position:absolute;left:-10000px", true),
            ("width:0;height:0;overflow:hidden", true),
            ("clip:rect(0, 0, 0, 0)", true),
            ("clip-path: inset(50%)", true),
            ("color:transparent", true),
            ("display:block", false),
            ("font-size:14px", false),
            ("opacity:0.5", false),
            ("margin-left:-1px", false),
            ("width:0", false),
            ("", false),
            ("display", false),
        ] {
            assert_eq!(hides(declarations), expected, "{declarations}");
        }
    }

    #[test]
    fn style_sheets_of_the_page_hide_by_class_and_id() {
        let mut styles = Styles::default();
        styles.learn("p{color:red} /* x */ .ghost, div.mist{display:none} @media print {.paper{display:none}} #gone {opacity:0}");
        let class = |class| Looks { class: Some(class), ..Looks::default() };
        for (looks, expected) in [
            (class("big ghost"), true),
            (class("MIST"), true),
            (class("big"), false),
            (class("paper"), false),
            (class("sr-only"), true),
            (Looks { id: Some("gone"), ..Looks::default() }, true),
            (Looks { id: Some("here"), ..Looks::default() }, false),
            (Looks { hidden: Some(""), ..Looks::default() }, true),
            (Looks { hidden: Some("until-found"), ..Looks::default() }, false),
            (Looks { aria_hidden: Some("true"), ..Looks::default() }, true),
            (Looks { aria_hidden: Some("false"), ..Looks::default() }, false),
        ] {
            assert_eq!(styles.hide(&looks), expected, "{looks:?}");
        }
    }
}
