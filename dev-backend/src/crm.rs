//! The CRM service: contacts, companies and deals, and everything that happens to them.

mod admin;
mod association;
mod audit;
mod cell;
pub(crate) mod company;
pub(crate) mod contact;
mod conversation;
mod correspondent;
pub(crate) mod customer;
pub(crate) mod deal;
mod email;
mod export;
mod field;
mod filter;
pub(crate) mod forecast;
pub(crate) mod gdpr;
mod import;
mod merge;
mod money;
pub(crate) mod note;
mod object;
mod object_record;
mod object_type;
mod outbox;
mod pipeline;
mod property;
pub(crate) mod report;
mod search;
pub(crate) mod segment;
mod stage_move;
pub(crate) mod task;
mod timeline;
mod webhook;

use crate::service::{Route, Work};

pub(crate) use correspondent::{Correspondent, correspondent, mail_address};

/// The service's routes.
pub(crate) static ROUTES: &[Route] = &[
    Route::post("/upsert_contact", Work::Write(contact::upsert)),
    Route::post("/upsert_company", Work::Write(company::upsert)),
    Route::post("/search_customers", Work::Read(customer::search)),
    Route::post("/lookup_customer", Work::Read(customer::lookup)),
    Route::post("/create_note", Work::Write(note::create)),
    Route::post("/create_deal", Work::Write(deal::create)),
    Route::post("/update_pipeline", Work::Write(stage_move::update_pipeline)),
    // The first look at a new tenant's pipelines makes the default one.
    Route::post("/list_pipelines", Work::Write(pipeline::list)),
    Route::post("/timeline", Work::Read(timeline::timeline)),
    Route::post("/define_pipeline", Work::Write(pipeline::define)),
    Route::post("/link_entities", Work::Write(association::link)),
    Route::post("/list_associations", Work::Read(association::list)),
    Route::post("/merge_contacts", Work::Write(merge::merge)),
    Route::post("/audit_query", Work::Read(audit::query)),
    Route::post("/events_pull", Work::Write(outbox::pull)),
    Route::post("/events_ack", Work::Write(outbox::acknowledge)),
    Route::post("/create_task", Work::Write(task::create)),
    Route::post("/complete_task", Work::Write(task::complete)),
    Route::post("/log_call", Work::Write(conversation::log_call)),
    Route::post("/log_meeting", Work::Write(conversation::log_meeting)),
    Route::post("/define_property", Work::Write(property::define)),
    Route::post("/list_properties", Work::Read(property::list)),
    Route::post("/set_property", Work::Write(property::set)),
    Route::post("/get_property", Work::Read(property::get)),
    Route::post("/search_advanced", Work::Read(search::search_advanced)),
    Route::post("/create_segment", Work::Write(segment::create)),
    Route::post("/list_segments", Work::Read(segment::list)),
    Route::post("/segment_members", Work::Read(segment::members)),
    Route::post("/webhook_create", Work::Write(webhook::create)),
    Route::post("/webhook_list", Work::Read(webhook::list)),
    Route::post("/webhook_disable", Work::Write(webhook::disable)),
    Route::post("/webhook_dispatch", Work::Outside(webhook::dispatch)),
    Route::post("/define_object_type", Work::Write(object_type::define)),
    Route::post("/create_object_record", Work::Write(object_record::create)),
    Route::post("/get_object_record", Work::Read(object_record::get)),
    Route::post("/update_object_record", Work::Write(object_record::update)),
    Route::post("/admin/create_api_key", Work::Write(admin::create_api_key)),
    Route::post("/admin/upsert_user", Work::Write(admin::upsert_user)),
    Route::post("/admin/create_team", Work::Write(admin::create_team)),
    Route::post("/admin/add_team_member", Work::Write(admin::add_team_member)),
    Route::post("/admin/assign_owner", Work::Write(admin::assign_owner)),
    Route::post("/import/contacts_csv", Work::Write(import::contacts)),
    Route::post("/export/contacts_csv", Work::Read(export::contacts)),
    Route::post("/engagements/log_email", Work::Write(email::log)),
    Route::post("/reports/pipeline", Work::Read(report::report)),
    Route::post("/forecast/pipeline", Work::Read(forecast::forecast)),
    Route::post("/gdpr/export_contact_data", Work::Read(gdpr::export)),
    Route::post("/gdpr/delete_contact", Work::Erase(gdpr::erase)),
    Route::post("/gdpr/blocklist_email", Work::Write(gdpr::block)),
];
