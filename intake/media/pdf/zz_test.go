package pdf
import ("testing";"os";"bytes")
func TestZZ(t *testing.T){ for _,f:=range []string{"paper","paper2","paper3"} { b,_:=os.ReadFile("/tmp/pd/"+f+".pdf"); var o bytes.Buffer; err:=Clean(b,&o); t.Log(f,len(b),o.Len(),err); os.WriteFile("/tmp/pd/"+f+"-c.pdf",o.Bytes(),0o600)} }
