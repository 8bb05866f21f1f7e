package patroni

import (
	"os"
	"testing"
)

// A cluster starts and ends, and nothing of it is left.
func TestStart(t *testing.T) {
	if os.Getenv("NOD_FAILOVERS") == "" {
		t.Skip("make ha starts clusters")
	}
	var c *Cluster
	t.Run("start", func(t *testing.T) {
		c = Start(t)
		if c.Primary() == nil {
			t.Error("there is no primary")
		}
	})
	if _, err := os.Stat(c.dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}
