//! Rows whose tests are in other places, and rows that don't apply yet.

/// Row and where it is proven, or why it isn't.
pub(crate) const ELSEWHERE: &[(u8, &str)] = &[
    (
        43,
        "wachats-core tests/paging.rs two_empty_pages_are_the_end_where_rows_are_dropped, tests/schedules.rs",
    ),
    (47, "tests/four_way identities_are_the_same_on_every_gateway"),
    (48, "wachats-core upserts a_message_goes_forward_only"),
    (49, "wachats-core upserts what_is_waited_for_is_bounded_and_the_oldest_is_told"),
    (50, "wachats-core webhook wrong_damaged_and_missing_signatures_are_refused"),
    (51, "doesn't apply yet: an inbox that remembers deliveries comes with the event server"),
    (52, "doesn't apply yet: two processes share no inbox before there is a database"),
    (53, "doesn't apply yet: there is no durable inbox to crash with"),
    (54, "doesn't apply yet: wachats runs no handlers"),
    (55, "doesn't apply yet: wachats serves no webhook; the application's server bounds its bodies"),
    (56, "wachats-core model::event an_event_of_a_later_version_is_kept_whole"),
    (57, "wachats-core webhook the_window_holds_both_ways_and_passes_what_tells_no_time"),
    (63, "tests/redaction.rs and tests/figures secrets::*"),
    (65, "doesn't apply yet: there is no database; an export resumes, wachats-core tests/export.rs"),
];
