package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// same compares what was read with what was written. An empty slice and no slice
// are the same to Nod; times are the same instant or not.
func same(t *testing.T, what string, read, written any) {
	t.Helper()
	for _, d := range differences(what, reflect.ValueOf(read), reflect.ValueOf(written)) {
		t.Error(d)
	}
}

func differences(path string, a, b reflect.Value) (found []string) {
	differ := []string{fmt.Sprintf("%s: read %+v, written %+v", path, a, b)}
	if a.IsValid() != b.IsValid() || (a.IsValid() && a.Type() != b.Type()) {
		return differ
	}
	if at, ok := instantOf(a); ok {
		if bt, _ := instantOf(b); !at.Equal(bt) {
			return differ
		}
		return nil
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return differ
			}
			return nil
		}
		return differences(path, a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			found = append(found, differences(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))...)
		}
	case reflect.Slice:
		if a.Len() != b.Len() {
			return differ
		}
		for i := range a.Len() {
			found = append(found, differences(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i))...)
		}
	case reflect.Map:
		if a.Len() != b.Len() {
			return differ
		}
		for _, k := range a.MapKeys() {
			found = append(found, differences(fmt.Sprintf("%s[%v]", path, k), a.MapIndex(k), b.MapIndex(k))...)
		}
	default:
		if !a.Equal(b) {
			return differ
		}
	}
	return found
}

func instantOf(v reflect.Value) (time.Time, bool) {
	if !v.IsValid() || v.Type() != reflect.TypeFor[time.Time]() {
		return time.Time{}, false
	}
	return v.Interface().(time.Time), true
}
