//! Names of users, hosts and folders.

use super::engine::{Recognizer, Signs, pattern};
use efface_schema::PhiLabel;

pub(super) const RECOGNIZERS: &[Recognizer] = &[
    // The part of a path that names its owner.
    pattern(
        "path-user",
        PhiLabel::OtherId,
        0.95,
        r"(?i)\b[A-Z]:\\+(?:Users|Documents and Settings|Dokumente und Einstellungen|Benutzer|Utilisateurs|Usuarios|Utenti)\\+(?P<v>[^\\/:*?<>|\s]+)|(?:^|[^\w/])/(?:home|users)/(?P<w>[^/\s]+)",
    )
    .words(&[":\\", "/home/", "/users/"]),
    pattern("share", PhiLabel::Url, 0.9, r"(?:^|\s)(?P<v>\\\\[\w.$-]+(?:\\[^\\\s]+)+)").signs(Signs::BACKSLASH),
    pattern(
        "user-name",
        PhiLabel::OtherId,
        0.9,
        r"(?i)\b(?:user(?:\s?name|\s?id)?|login|logon|account name|benutzer(?:name)?|utilisateur|usuario|utente)\s*[:=]\s*(?P<v>[a-z][\w.@\\-]{1,30}\w)|\buser(?:name)?\s+(?P<w>[a-z][\w.-]{1,30})\s+(?:logged|signed|login)|\b(?:user(?:name)?|login)\s+(?P<x>[a-z][a-z_.-]*(?:\d|[._][a-z])[\w.-]*)",
    )
    .words(&["user", "login", "logon", "account name", "benutzer", "utilisateur", "usuario", "utente"]),
    pattern(
        "host-name",
        PhiLabel::OtherId,
        0.9,
        r"(?i)\b(?:host\s?name|host|computer(?:\s?name)?|workstation|station(?:\s?name)?|server|node name|rechner)\s*[:=]?\s+(?P<v>[a-z0-9_-]*(?:[a-z][_-]?\d|-[a-z]+-|\d[_-]?[a-z])[\w.-]*)|\b(?:host\s?name|computer\s?name|station\s?name)\s*[:=]\s*(?P<w>[\w.-]{2,})",
    )
    .words(&["host", "computer", "station", "server", "node name", "rechner"]),
    pattern(
        "ae-title",
        PhiLabel::OtherId,
        0.9,
        r"\b(?i:(?:(?:called|calling|source|destination|own|remote)\s+)?ae\s?titles?|aet|aetitle|(?:called|calling|source|destination|remote)\s+ae)\b[\s:=]{1,3}(?P<v>[A-Z0-9][A-Za-z0-9_-]{1,15})\b",
    )
    .words(&["ae", "aet"])
    .when(|candidate| !candidate.value().chars().all(|sign| sign.is_ascii_lowercase())),
    // Without the word for it: a title in capitals with a number.
    pattern("ae-title", PhiLabel::OtherId, 0.85, r"\bAE[\s:=]{1,3}(?P<v>[A-Z][A-Z_-]*\d[A-Z0-9_-]*)\b")
        .words(&["ae"])
        .digits(1),
    // Who is at a machine, and at which.
    pattern(
        "user-name",
        PhiLabel::OtherId,
        0.9,
        r"(?i)\b(?P<v>[a-z][a-z._-]*\d[\w.-]*)\s+(?:(?:has|was|is)\s+)?(?:logged|signed)\s+(?:on|in|off|out)\b",
    )
    .words(&["logged", "signed"])
    .digits(1),
    pattern(
        "host-name",
        PhiLabel::OtherId,
        0.9,
        r"(?i)\b(?:logged|signed)\s+(?:on|in)\s+(?:at|to)\s+(?P<v>[a-z][a-z_-]*\d[\w-]*)\b",
    )
    .words(&["logged", "signed"])
    .digits(1),
];
