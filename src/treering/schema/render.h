// SPDX-License-Identifier: Apache-2.0
// Operations and schemas as Python source. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treering/base/document.h"
#include "treering/schema/operation.h"
#include "treering/schema/schema.h"
#include "treering/schema/steps.h"

namespace treering {

// What the source has to import, gathered while it is rendered.
class Imports {
 public:
  void add(const std::string& module, const std::string& name);
  bool empty() const { return names_.empty(); }
  // Sorted, each with its line feed: "from datetime import datetime\n\nfrom bson import Int64, ObjectId\n". "" where
  // nothing is needed.
  std::string lines() const;

 private:
  std::map<std::string, std::set<std::string>> names_;  // by module
};

// A value as a Python expression that bson encodes to the same bytes: 1, Int64(1), 1.0, 'text', {'a': [1]},
// ObjectId('..'), datetime(2024, 12, 10), Binary(b'..', 4), Decimal128('1.5'), Regex('^a', 'i'), Timestamp(1, 2),
// Code('..'), MinKey(), ... One line where it fits into `columns` from the column it starts at, else one item a line.
struct Layout {
  int indent = 4;     // of the line it stands on
  int column = 4;     // where it starts
  int columns = 120;  // the longest line
};
std::string python_value(const Field& value, Imports& imports, const Layout& layout = {});
std::string python_document(const Document& document, Imports& imports, const Layout& layout = {});

// One statement over `env` (several lines where it is long), without indentation at its start:
//   env.create_collection('wallet')
//   env.db['wallet'].create_index([("uid", 1), ("org_id", 1)], name='uid_org_idx', unique=True)
//   env.db['wallet'].create_index("rec_date")
// A name that is the default one isn't written.
std::string python_statement(const Operation& operation, Imports& imports, int indent = 4);

// The body of upgrade() or downgrade(), indented by four. `upgrade` gives each paragraph a comment; in `downgrade` a
// lone drop needs none. What is held back is commented out, with a line that says why.
enum class Body { upgrade, downgrade };
std::string python_body(const std::vector<Paragraph>& paragraphs, Body body, Imports& imports);

// A models file that says what the schema says: reading it back gives an equal schema (initial data included). One
// class a collection, named after it.
std::string python_models(const Schema& schema);

// The bodies of upgrade() and downgrade(), indented by four, of a first revision that verifies that the schema's
// collections and indexes are there, creates nothing, and can't be reverted.
std::string python_baseline_upgrade(const Schema& schema);
std::string python_baseline_downgrade();

}  // namespace treering
