//! Backends that fail, hang, break off or talk nonsense: what their callers get to see, how often they are asked, and
//! that nobody else notices.

mod broken;
mod circuit;
mod faulty;
mod gone;
mod hanging;
mod idle;
mod nonsense;
mod repeated;
mod tools;
