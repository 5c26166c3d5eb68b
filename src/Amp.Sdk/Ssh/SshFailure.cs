using System.Globalization;
using Amp.Files;
using Amp.Text;

namespace Amp.Ssh;

/// <summary>Decides from the words of the SSH client and of the host why there is no connection, no shell or no CLI. All errors name the host.</summary>
internal sealed class SshFailure
{
    private const int LargestLog = 1024 * 1024;
    private const int LongestShown = 400;

    private static readonly string[] s_login =
        ["Permission denied (", "Too many authentication failures", "UNPROTECTED PRIVATE KEY", "This service allows sftp connections only"];

    private readonly SshTransport _transport;
    private readonly string _log;

    /// <param name="transport">The host.</param>
    /// <param name="log">The file with the words of the client.</param>
    public SshFailure(SshTransport transport, string log) => (_transport, _log) = (transport, log);

    private string Host => TerminalText.Strip(_transport.ToString());

    /// <summary>Gets why the script did not begin.</summary>
    /// <param name="exitCode">The exit code of the client; null if it was ended at the time limit.</param>
    /// <param name="written">What the host has written instead.</param>
    /// <param name="errors">The same to standard error, where also the client of a host in between (<c>ProxyJump</c>) writes.</param>
    public AmpException BeforeShell(int? exitCode, string written, string errors)
    {
        string said = written + errors;

        // With another exit code, the words are those of the host, which anybody there can write.
        string words = exitCode is null or 255 ? $"{Words()}\n{errors}" : Words();
        if (words.Contains("IDENTIFICATION HAS CHANGED", StringComparison.OrdinalIgnoreCase))
        {
            return Of(
                AmpErrorId.HostKeyChanged,
                $"Host '{Host}' has a key that does not match the one that SSH knows. It may be a different machine. No run was started.",
                "Ask the owner of the host whether its key was changed. If so, remove the old one with 'ssh-keygen -R', and connect once with 'ssh' in a terminal.");
        }

        if (words.Contains("Host key verification failed", StringComparison.Ordinal))
        {
            return Of(
                AmpErrorId.HostKeyUnknown,
                $"SSH does not know the key of host '{Host}'. No run was started.{Quoted(words)}",
                "Connect once with 'ssh' in a terminal and check the key, or set the SSH option StrictHostKeyChecking to accept-new if you trust the network.");
        }

        if (s_login.Any(word => words.Contains(word, StringComparison.Ordinal)))
        {
            return Of(
                AmpErrorId.HostLoginRefused,
                $"Host '{Host}' refused the login.{Quoted(words)}",
                "Check the user name, and that the host accepts your key. SSH never asks for a password during a run. A key with a passphrase requires an SSH agent that holds it.");
        }

        if (exitCode is null)
        {
            return Of(
                AmpErrorId.HostUnreachable,
                $"Host '{Host}' did not start a shell within {_transport.ConnectTimeout.TotalSeconds:0.#} s.{Quoted($"{words}\n{written}")}",
                "Check the host with 'ssh' in a terminal. A profile on the host may wait for input. If the host is only slow, allow more time for the connection.");
        }

        if (exitCode == StartScript.NotWhole)
        {
            return Of(
                AmpErrorId.HostShellMissing,
                $"Host '{Host}' does not receive everything that a run sends: a profile or a command there reads the standard input of the connection.{Quoted(said + words)}",
                "Let the profile read standard input in interactive shells only.");
        }

        return exitCode == 255
            ? Of(AmpErrorId.HostUnreachable, $"Host '{Host}' cannot be reached.{Quoted($"{words}\n{written}")}", "Check the name, the port and the network. To test the connection, run 'ssh' in a terminal.")
            : Of(
                AmpErrorId.HostShellMissing,
                $"Host '{Host}' did not start a POSIX shell for this user (exit code {exitCode}).{Quoted(said + words)}",
                "A run requires 'sh' and the usual Unix programs on the host, for a user who can run commands there.");
    }

    /// <summary>Gets the error for a connection that has ended before its run.</summary>
    public AmpHostException Lost()
    {
        string words = Words();

        // If nothing closes the connection, the host notices after up to four intervals without a sign of life.
        int minutes = Math.Max(1, (int)Math.Ceiling(4 * _transport.KeepAliveInterval.TotalMinutes));
        string time = minutes == 1 ? "a minute" : string.Create(CultureInfo.InvariantCulture, $"{minutes} minutes");
        return Of(
            AmpErrorId.HostConnectionLost,
            $"The connection to host '{Host}' was lost during the run.{Quoted(words)} The host stops what the run was doing within {time}.",
            "Check what the agent has done. Then continue the thread, or run the prompt again.");
    }

    /// <summary>Gets the error for a host that reports no CLI in time.</summary>
    public AmpHostException Silent(TimeSpan limit) => Of(
        AmpErrorId.HostUnreachable,
        $"Host '{Host}' did not report its Amp CLI within {limit.TotalSeconds:0.#} s.",
        "Run 'amp --version' on the host to see what it is waiting for, or give the path of the CLI.");

    /// <summary>Gets the error for what the script refused.</summary>
    public AmpException Refused(string reason, string about)
    {
        string shown = TerminalText.Strip(about);
        return reason switch
        {
            "folder" => new AmpValidationException(
                $"The working directory '{shown}' does not exist on host '{Host}'.", AmpOptionName.WorkingDirectory, "Give an existing folder on the host, or omit it to use the home folder.", shown),
            "cli" => NotFound($"The Amp CLI does not exist at '{shown}' on host '{Host}'.", "Give the path of the 'amp' program on the host, or omit it to search for the CLI.", shown),
            "mode" => NotFound($"'{shown}' on host '{Host}' cannot be executed: its mode does not allow it.", $"Make it executable with: chmod +x '{shown}'", shown),
            "node" => NotFound(
                $"The Amp CLI at '{shown}' on host '{Host}' is a JavaScript program, but Node.js is not installed there or is not on the search path.", "Install Node.js 20 or later on the host, or a native Amp CLI.", shown),
            "search" => NotFound(
                $"The Amp CLI was not found on host '{Host}'. Searched for 'amp' in: {shown.Replace(":", ", ", StringComparison.Ordinal)}.",
                "Install it there with 'npm install -g @ampcode/cli' (see https://ampcode.com/manual), or give its path on the host.",
                null),
            "settings" => new AmpValidationException(
                $"The settings file '{shown}' on host '{Host}' cannot be read, or is larger than 16 MB.", AmpOptionName.SettingsFile, "Check the file on the host.", shown),
            "line" => Of(
                AmpErrorId.HostShellMissing, $"A path on host '{Host}' contains a line break, which is not supported.", "Use another folder, or another path of the CLI."),
            "program" => Of(
                AmpErrorId.HostShellMissing,
                $"No folder for temporary files on host '{Host}' allows programs to run (noexec). An approval requires such a folder.",
                "Set TMPDIR on the host to a folder from which programs can run, or use permission rules instead of an approval."),
            _ => Of(
                AmpErrorId.HostShellMissing,
                $"Host '{Host}' does not have a folder where a run can write its files.",
                "Set TMPDIR on the host to a writable folder with free space, and check that the program 'mkfifo' exists."),
        };
    }

    /// <summary>Gets the error for a program that is not the Amp CLI.</summary>
    public AmpCliNotFoundException AnotherProgram(string path, string said)
    {
        string text = TerminalText.Strip(said).Trim();
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string line = end < 0 ? text : text[..end];
        return NotFound(
            $"'{TerminalText.Strip(path)}' on host '{Host}' is not the Amp CLI: it answers '--version' with '{TruncatedText.Shown(line, 100)}'.",
            "Other programs are called 'amp' too. Give the path of the Amp CLI on the host.",
            path);
    }

    private static AmpCliNotFoundException NotFound(string message, string advice, string? path) => new(message, advice, path);

    private AmpHostException Of(string errorId, string message, string advice) => new(message, errorId, _transport.HostName, advice);

    private static string Quoted(string words)
    {
        string text = string.Join(' ', TerminalText.WithoutSecrets(TerminalText.Strip(words)).Split((char[])['\r', '\n', ' '], StringSplitOptions.RemoveEmptyEntries));
        return text.Length == 0 ? string.Empty : " It says: " + TruncatedText.ShownEnd(text, LongestShown);
    }

    private string Words()
    {
        try
        {
            return BoundedFile.ReadText(_log, LargestLog);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
