//! The CRM service: contacts, companies and deals, and everything that happens to them.

mod company;
mod contact;
mod customer;
mod deal;
mod note;
mod pipeline;
mod stage_move;
mod timeline;

use crate::service::{Route, Work};

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
    Route::post("/define_pipeline", Work::Planned),
    Route::post("/link_entities", Work::Planned),
    Route::post("/list_associations", Work::Planned),
    Route::post("/merge_contacts", Work::Planned),
    Route::post("/audit_query", Work::Planned),
    Route::post("/events_pull", Work::Planned),
    Route::post("/events_ack", Work::Planned),
    Route::post("/create_task", Work::Planned),
    Route::post("/complete_task", Work::Planned),
    Route::post("/log_call", Work::Planned),
    Route::post("/log_meeting", Work::Planned),
    Route::post("/define_property", Work::Planned),
    Route::post("/list_properties", Work::Planned),
    Route::post("/set_property", Work::Planned),
    Route::post("/get_property", Work::Planned),
    Route::post("/search_advanced", Work::Planned),
    Route::post("/create_segment", Work::Planned),
    Route::post("/list_segments", Work::Planned),
    Route::post("/segment_members", Work::Planned),
    Route::post("/webhook_create", Work::Planned),
    Route::post("/webhook_list", Work::Planned),
    Route::post("/webhook_disable", Work::Planned),
    Route::post("/webhook_dispatch", Work::Planned),
    Route::post("/define_object_type", Work::Planned),
    Route::post("/create_object_record", Work::Planned),
    Route::post("/get_object_record", Work::Planned),
    Route::post("/update_object_record", Work::Planned),
    Route::post("/admin/create_api_key", Work::Planned),
    Route::post("/admin/upsert_user", Work::Planned),
    Route::post("/admin/create_team", Work::Planned),
    Route::post("/admin/add_team_member", Work::Planned),
    Route::post("/admin/assign_owner", Work::Planned),
    Route::post("/import/contacts_csv", Work::Planned),
    Route::post("/export/contacts_csv", Work::Planned),
    Route::post("/engagements/log_email", Work::Planned),
    Route::post("/reports/pipeline", Work::Planned),
    Route::post("/forecast/pipeline", Work::Planned),
    Route::post("/gdpr/export_contact_data", Work::Planned),
    Route::post("/gdpr/delete_contact", Work::Planned),
    Route::post("/gdpr/blocklist_email", Work::Planned),
];
