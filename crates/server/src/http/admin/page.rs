//! One page of a list that was read with one row more than was asked for.

/// At most as many rows as were asked for, and whether more follow.
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    pub(super) more: bool,
}

/// Takes the row away that only tells that more follow.
pub(super) fn page_of<T>(mut rows: Vec<T>, limit: u32) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Page { rows, more }
}
