"""The tables everyone may read. Nothing else is within reach of the `public` connection."""

PUBLIC_TABLES = frozenset(
    {
        "checking_release",
        "checking_releasecorrection",
        "checking_releasedamount",
        "checking_releasedexpected",
        "checking_releasedpair",
        "checking_releasedscope",
        "checking_releasedshare",
        "checking_releasedstrip",
        "checking_area",
        "checking_substance",
        "checking_substanceclass",
        "checking_substancename",
        "checking_method",
        "checking_methodtarget",
        "checking_service",
        "checking_holiday",
        "checking_network",
    }
)
