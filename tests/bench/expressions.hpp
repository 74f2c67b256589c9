#pragma once

namespace troupe::bench {

/// Evaluations a second of expressions and templates of each kind, on one thread, beside the same question put to the
/// same document in C++: one line of JSON each.
void measure_expressions();

} // namespace troupe::bench
