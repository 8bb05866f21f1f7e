package api

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The notices that an enterprise can begin with are taken as they lie in docs/notices,
// once they name its delegation, and somebody can agree to each.
func TestD09_TheNoticesToBeginWithAreTaken(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../docs/notices/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	h := newWorld(t, setup{}).house(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var draft object
		if err := json.Unmarshal(text, &draft); err != nil {
			t.Fatal(file, err)
		}
		draft["delegation_id"] = h.delegation
		preview := h.do(t, "POST", "/v1/notices/preview", h.admin, draft).ok(200)
		if made := h.do(t, "POST", "/v1/notices", h.admin, draft).ok(201); made["version"] != preview["version"] {
			t.Errorf("%s: version %v, previewed as %v", file, made["version"], preview["version"])
		}
	}
}
