package storetest

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"testing"
)

var faces = map[string]func(*testing.T, opener){
	"D26: no column can hold a face": noColumnForAFace,
}

// bytesHeld are all columns that hold anything but text, numbers and truth values, with
// what is in each. An image has no place among them: whoever adds a column says here what
// it holds. Columns of text hold what the tables' comments say; an image is no text, and
// no type of the domain that carries one can be marshalled (see domain.Capture).
var bytesHeld = map[string]string{
	"agreement_files.content": "the agreement of a delegation, from an administrator",
	"subjects.sealed_id":      "the platform's id of a person, encrypted",
	"sessions.secret":         "what a person is compared with while the session lasts: an address, or name and number; encrypted",
	"sessions.secret_key":     "the key of that, encrypted",
	"consents.salt":           "thirty-two random bytes, encrypted",
	"answers.answer":          "an answer that is given again for a day, encrypted; of a check that is pass or fail",
	"requests.wish":           "what a person wrote, encrypted",
	"requests.answer":         "what the enterprise wrote, encrypted",
	"request_proofs.content":  "a relative's proof of standing, encrypted",
	"webhook_secrets.secret":  "the secret by which webhooks are signed, encrypted",
	"webhook_secrets.former":  "the one before it, encrypted",
	"log_tiles.hashes":        "hashes of the tree over the log",
	"timestamps.tsr":          "an authority's word on a checkpoint, which it knows by its hash",
}

func noColumnForAFace(t *testing.T, open opener) {
	h := aHouse(t, open)
	query := `SELECT m.name, c.name, lower(c.type) FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`
	if h.store.Engine() == "postgres" {
		query = `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	plain := []string{"text", "bigint", "boolean", "integer"}
	found := map[string]bool{}
	h.must(h.store.Admin(func(db *sql.DB) error {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, column, kind string
			if err := rows.Scan(&table, &column, &kind); err != nil {
				return err
			}
			ours := table != "goose_db_version" && !strings.HasPrefix(table, "sqlite_")
			if ours && !slices.Contains(plain, kind) {
				found[table+"."+column] = true
			}
		}
		return rows.Err()
	}))
	for column := range found {
		if bytesHeld[column] == "" {
			t.Errorf("%s can hold bytes, and nobody has said what it holds", column)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(bytesHeld)) {
		if !found[column] {
			t.Errorf("%s is not there", column)
		}
	}
}
