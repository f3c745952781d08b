#include "synthetic.h"

#include <check.h>
#include <stdlib.h>

#include "cleanup.h"

void synthetic_begin(struct synthetic *s, const char *run)
{
	s->out = open_memstream(&s->text, &s->len);
	ck_assert_ptr_nonnull(s->out);
	fprintf(
	    s->out,
	    "{\"type\":\"run\",\"format\":1,\"image\":\"i\",\"image_hash\":\"aa\",\"kernel\":\"k\","
	    "\"kernel_hash\":\"bb\",\"strict\":false,\"cases\":3%s%s}\n",
	    run ? "," : ",\"accel\":\"tcg\"", run ? run : "");
}

void synthetic_case(struct synthetic *s, const char *name, const char *verdict, const char *more)
{
	fprintf(s->out,
	        "{\"type\":\"case\",\"id\":\"m/su/%s@i+k#0:0\",\"verdict\":\"%s\",\"reason\":\"why "
	        "%s\","
	        "\"file\":\"scenarios/%s.yaml\",\"line\":7%s%s}\n",
	        name, verdict, name, name, more ? "," : "", more ? more : "");
}

void synthetic_cost(struct synthetic *s, const char *name, long long enter, long long leave,
                    long long total)
{
	cleanup_free char *cost = NULL;

	ck_assert_int_gt(
	    asprintf(&cost, "\"cost\":{\"enter_ns\":%lld,\"leave_ns\":%lld,\"total_ns\":%lld}",
	             enter, leave, total),
	    0);
	synthetic_case(s, name, "pass", cost);
}

void synthetic_add(struct synthetic *s, const char *text)
{
	fputs(text, s->out);
}

void synthetic_end(struct synthetic *s)
{
	synthetic_add(s, "{\"type\":\"end\",\"exit\":0,\"wall_ms\":1,\"interrupted\":false}\n");
}

void synthetic_read(struct synthetic *s, struct results *r)
{
	cleanup_err struct err *e = NULL;
	FILE *in;

	fclose(s->out);
	in = fmemopen(s->text, s->len, "r");
	ck_assert_ptr_nonnull(in);
	ck_assert_msg(results_read_log(in, "synthetic", r, &e) == 0, "%s", e ? e->msg : "");
	fclose(in);
	free(s->text);
}
