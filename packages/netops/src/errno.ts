// Names of Linux error numbers, for results and messages. Decides nothing.
// Specification: include/uapi/asm-generic/errno-base.h and errno.h (x86, arm, riscv, s390, ppc).

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";

// In order from 1; "-" marks a number that the kernel leaves out.
const names: readonly string[] = (
  "EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT " +
  "ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG " +
  "ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY " +
  "ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR " +
  "EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE " +
  "ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG " +
  "ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK " +
  "EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP " +
  "EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET " +
  "ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT " +
  "ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL " +
  "EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED " +
  "EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON"
).split(" ");

/** The name of an errno, without regard to its sign; "ERRNO_n" when it has none. */
export function errnoName(number: number): string {
  const name = names[Math.abs(number) - 1];
  return name === undefined || name === "-" ? `ERRNO_${Math.abs(number)}` : name;
}

/** Says what is missing or what to do when a call fails with this errno. */
export type Hint = (errno: string) => string | undefined;

/** The error of a call that failed; `action` completes "Cannot …". */
export function errnoError(result: number, action: string, hint?: Hint): KeepalivedError {
  const errno = errnoName(result);
  const advice = hint?.(errno);
  return new KeepalivedError(
    errno,
    `Cannot ${action}: ${errno}${advice === undefined ? "" : `, ${advice}`}`,
  );
}

/** Passes a result of the addon on, and throws when it is a negative errno. */
export function checkResult(result: number, action: string, hint?: Hint): number {
  if (result < 0) throw errnoError(result, action, hint);
  return result;
}
