/* What a machine does before its first case beside logging in, so that the emulator has translated
 * it and the copies find it done. */
#ifndef PAMLAB_AGENT_REHEARSE_H
#define PAMLAB_AGENT_REHEARSE_H

/* Makes a session as modules do that isolate one, with the kernel's calls alone, and lets it end.
 * Nothing of it is left: its processes, namespaces and mounts go with it. A call that fails is no
 * matter: the copies are only slower. */
void rehearse_session(void);

#endif
