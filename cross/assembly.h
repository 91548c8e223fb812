/* Put before each file that is compiled for the static binary. Nothing unwinds through assembly: its tables are for a debugger,
 * who has them in signet.debug. */
#ifdef __ASSEMBLER__
.cfi_sections .debug_frame
#endif
