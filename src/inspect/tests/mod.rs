//! What the inspector is held to.
