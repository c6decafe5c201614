//! The sample company's people, machines and products. All of it is made up.

/// A work center: code, name, area.
pub(super) const WORK_CENTERS: [(&str, &str, &str); 7] = [
    ("SAW", "Sawing", "Hall 1"),
    ("TURN", "CNC turning", "Hall 1"),
    ("MILL", "CNC milling", "Hall 1"),
    ("GRIND", "Grinding", "Hall 2"),
    ("WASH", "Deburring and washing", "Hall 2"),
    ("QC", "Inspection", "Measuring room"),
    ("PACK", "Packing", "Dispatch"),
];

/// A work center with hours of its own: code, calendar.
pub(super) const OPEN_OTHERWISE: (&str, &str) = ("PACK", "DISPATCH");

/// A machine: code, name, work center, speed in percent, cost per hour, calendar where it has one of its own.
type Machine = (&'static str, &'static str, &'static str, u16, u64, Option<&'static str>);

/// The machines.
pub(super) const MACHINES: [Machine; 12] = [
    ("SAW-1", "Band saw", "SAW", 100, 38, None),
    ("LATHE-1", "Lathe with bar feeder", "TURN", 100, 72, Some("ALWAYS")),
    ("LATHE-2", "Lathe with sub-spindle", "TURN", 115, 84, None),
    ("LATHE-3", "Old lathe", "TURN", 80, 55, None),
    ("MILL-1", "3-axis mill", "MILL", 100, 68, None),
    ("MILL-2", "3-axis mill", "MILL", 100, 68, Some("ALWAYS")),
    ("MILL-3", "5-axis mill", "MILL", 130, 110, None),
    ("MILL-4", "4-axis mill with pallets", "MILL", 110, 92, Some("ALWAYS")),
    ("GRIND-1", "Cylindrical grinder", "GRIND", 100, 76, None),
    ("WASH-1", "Washing line", "WASH", 100, 25, None),
    ("CMM-1", "Coordinate measuring machine", "QC", 100, 60, None),
    ("PACK-1", "Packing bench", "PACK", 100, 12, None),
];

/// An operator: code, name, skills with level, calendar.
type Operator = (&'static str, &'static str, &'static [(&'static str, u8)], &'static str);

/// The people of the shop.
pub(super) const OPERATORS: [Operator; 19] = [
    ("201", "Marta Ilves", &[("turning", 5), ("milling", 3)], "LATE"),
    ("202", "Jonas Brandt", &[("turning", 4)], "NIGHT"),
    ("203", "Rasmus Kask", &[("turning", 3), ("sawing", 4)], "WEEKEND-NIGHT"),
    ("204", "Elena Petrova", &[("milling", 5), ("turning", 2)], "EARLY"),
    ("205", "David Okafor", &[("milling", 4)], "WEEKEND"),
    ("206", "Liis Tamm", &[("milling", 4), ("grinding", 2)], "EARLY"),
    ("207", "Pavel Novak", &[("milling", 3)], "NIGHT"),
    ("208", "Ingrid Solberg", &[("grinding", 5)], "EARLY"),
    ("209", "Tomasz Zielinski", &[("grinding", 4), ("milling", 2)], "LATE"),
    ("210", "Amina Diallo", &[("washing", 4), ("packing", 4)], "EARLY"),
    ("211", "Kalle Saar", &[("sawing", 5), ("washing", 3)], "EARLY"),
    ("212", "Hanna Berg", &[("inspection", 5)], "EARLY"),
    ("213", "Luca Moretti", &[("inspection", 3), ("packing", 3)], "LATE"),
    ("214", "Sofia Reis", &[("packing", 4), ("washing", 2)], "LATE"),
    ("215", "Nora Lindqvist", &[("turning", 4), ("milling", 2)], "WEEKEND"),
    ("216", "Mihkel Rand", &[("milling", 4), ("turning", 2)], "WEEKEND-NIGHT"),
    ("217", "Jaan Vaher", &[("turning", 4), ("sawing", 3)], "EARLY"),
    ("218", "Katrin Lepik", &[("milling", 4), ("grinding", 3)], "LATE"),
    ("219", "Andrei Popov", &[("turning", 3), ("sawing", 3)], "LATE"),
];

/// A skill that is soon to be proven anew: operator, skill, days left.
pub(super) const LAPSING: (&str, &str, i64) = ("213", "inspection", 12);

/// The skill that work at a work center takes.
pub(super) const SKILLS: [(&str, &str); 7] = [
    ("SAW", "sawing"),
    ("TURN", "turning"),
    ("MILL", "milling"),
    ("GRIND", "grinding"),
    ("WASH", "washing"),
    ("QC", "inspection"),
    ("PACK", "packing"),
];

/// A product: name, and its routing as work center, setup in minutes, run in seconds for each piece.
pub(super) type Product = (&'static str, &'static [(&'static str, u32, u32)]);

/// What the shop makes.
pub(super) const PRODUCTS: [Product; 8] = [
    ("Spindle shaft 40", &[("SAW", 10, 45), ("TURN", 50, 260), ("GRIND", 40, 90), ("QC", 5, 50)]),
    ("Valve body DN25", &[("MILL", 70, 420), ("WASH", 5, 20), ("QC", 10, 70), ("PACK", 5, 20)]),
    ("Bearing housing", &[("TURN", 45, 240), ("MILL", 55, 300), ("WASH", 5, 25), ("QC", 10, 60)]),
    ("Sensor bracket", &[("SAW", 8, 20), ("MILL", 35, 150), ("WASH", 5, 10), ("PACK", 5, 10)]),
    ("Pump flange", &[("TURN", 40, 200), ("MILL", 40, 160), ("QC", 5, 40), ("PACK", 5, 25)]),
    ("Guide rail 600", &[("SAW", 10, 60), ("MILL", 60, 380), ("GRIND", 45, 160), ("QC", 10, 90)]),
    ("Clamping jaw set", &[("SAW", 8, 30), ("MILL", 45, 220), ("GRIND", 30, 60), ("PACK", 5, 30)]),
    ("Nozzle insert", &[("TURN", 55, 95), ("WASH", 5, 8), ("QC", 10, 30), ("PACK", 5, 10)]),
];

/// Who orders.
pub(super) const CUSTOMERS: [&str; 7] = [
    "Nordlicht Pumps",
    "Aldera Robotics",
    "Baltic Rail Works",
    "Ferro & Sons",
    "Helion Medical",
    "Orrin Marine",
    "Tessel Optics",
];

/// How many pieces, in turn.
pub(super) const LOT_SIZES: [u64; 9] = [115, 70, 160, 310, 45, 205, 90, 355, 130];

/// Why pieces were lost, in turn.
pub(super) const SCRAP_REASONS: [&str; 4] =
    ["bore out of tolerance", "tool broke", "surface scratched", "wrong material"];
