namespace Amp.Processes;

/// <summary>Starts a program on Linux or macOS in a session of its own, where there is a program for it: Ctrl+C in the terminal does not reach it.</summary>
internal static class OwnSession
{
    /// <summary>The script of a POSIX shell that becomes the program of its arguments, which must be a full path.</summary>
    public const string Script = Attempt + "exec \"$@\"";

    /// <summary>The same, which goes on where there is no program for a session.</summary>
    public const string Attempt =
        Search + "if [ -x $amp_folder/setsid ]; then exec $amp_folder/setsid \"$@\"; fi; done; "
        + Search + "if [ -x $amp_folder/perl ]; then exec $amp_folder/perl -e 'use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV; exit 127' \"$@\"; fi; done; ";

    // The first folders of PATH may be the project's, and the program that is started has the secrets of the run.
    private const string Search = "for amp_folder in /usr/bin /bin /usr/local/bin /run/current-system/sw/bin; do ";
}
