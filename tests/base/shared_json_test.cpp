#define CAF_SUITE shared_json

#include "runtime/base/json_writer.hpp"
#include "runtime/base/shared_json.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;

CAF_TEST(a new one is null and an empty object is one) {
  CAF_CHECK(shared_json()->is_null());
  CAF_CHECK(*shared_json::object() == json::object());
  CAF_CHECK(shared_json(json::object()) == shared_json::object());
  CAF_CHECK(!(shared_json() == shared_json::object()));
  CAF_CHECK(*shared_json(json::array()) == json::array());
}

CAF_TEST(a change of one copy is not seen in the others) {
  shared_json first = json{{"a", 1}};
  const shared_json second = first;
  CAF_CHECK_EQUAL(&*first, &*second);
  first.edit()["a"] = 2;
  CAF_CHECK(first->at("a") == 2);
  CAF_CHECK(second->at("a") == 1);
  shared_json empty;
  empty.edit()["x"] = "y";
  CAF_CHECK(*empty == (json{{"x", "y"}}));
}

CAF_TEST(an object is written member by member as its value would be) {
  std::string text;
  {
    json_writer out(text);
    out.put("text", "a \"word\"");
    out.put("yes", true);
    out.put("count", std::size_t{7});
    out.put("below", -1);
    out.put("value", json{{"list", {1, nullptr}}});
    {
      json_writer inside(out.member("inside"));
      inside.put("empty", std::string());
    }
    json_writer nothing(out.member("nothing"));
  }
  CAF_CHECK_EQUAL(text, R"({"text":"a \"word\"","yes":true,"count":7,"below":-1,"value":{"list":[1,null]},)"
                        R"("inside":{"empty":""},"nothing":{}})");
}
