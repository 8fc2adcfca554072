// What the parent uses of nodemailer (https://nodemailer.com/smtp), and no more: its own types
// would let pass all its other ways of sending mail, reading files and opening connections.

declare module "nodemailer" {
  export interface TransportOptions {
    readonly host: string | undefined;
    readonly port: number;
    /** What HELO says. */
    readonly name: string;
    readonly connectionTimeout: number;
    readonly greetingTimeout: number;
    readonly dnsTimeout: number;
    readonly socketTimeout: number;
    /** Nothing in a message makes it read a file or a URL. */
    readonly disableFileAccess: boolean;
    readonly disableUrlAccess: boolean;
    /** TLS from the first byte. */
    readonly secure?: boolean;
    readonly requireTLS?: boolean;
    readonly ignoreTLS?: boolean;
    readonly tls?: { readonly rejectUnauthorized: boolean };
    readonly auth?: { readonly user: string; readonly pass: string | undefined };
  }

  interface Message {
    readonly from: string | undefined;
    readonly to: readonly string[];
    readonly subject: string;
    readonly text: string;
    readonly xMailer: string;
  }

  interface Transport {
    sendMail(message: Message): Promise<unknown>;
    close(): void;
  }

  export function createTransport(options: TransportOptions): Transport;
}
