pub(crate) type Known = ();
