//! The inbox: threads of messages with customers. It is a record and no mail server: what is sent is written
//! down as sent and leaves the machine by no way, and what arrives is what the CRM logs as received.

mod folder;
mod list;
mod message;
mod receive;
mod recipient;
mod reply;
mod send;
mod thread;

use crate::service::{Route, Work};

pub(crate) use receive::receive;

/// The service's routes. The first look at a new tenant's inbox puts its first message there, and who opens a
/// thread has read it, so that these two write as well.
pub(crate) static ROUTES: &[Route] = &[
    Route::get("/thread", Work::Write(thread::open)),
    Route::get("/list", Work::Write(list::list)),
    Route::post("/reply", Work::Write(reply::reply)),
    Route::post("/send", Work::Write(send::send)),
];
