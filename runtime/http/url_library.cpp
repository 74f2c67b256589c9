// Boost.URL's own sources: apart from ours, so that clang-tidy looks at what is ours.
#include <boost/url/src.hpp>
