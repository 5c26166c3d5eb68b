namespace Amp.Processes;

/// <summary>Starts a program on Linux or macOS in a session of its own, where there is a program for it: Ctrl+C in the terminal does not reach it.</summary>
internal static class OwnSession
{
    /// <summary>The script of a POSIX shell that becomes the program of its arguments.</summary>
    public const string Script =
        "if command -v setsid >/dev/null; then exec setsid \"$@\"; fi; "
        + "if command -v perl >/dev/null; then exec perl -e 'use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV; exit 127' \"$@\"; fi; exec \"$@\"";
}
