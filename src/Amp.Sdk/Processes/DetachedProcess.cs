using System.ComponentModel;
using System.Diagnostics;

namespace Amp.Processes;

/// <summary>Starts a program of Linux or macOS that goes on when this process and its terminal are gone, as a scheduler would start it.</summary>
internal static class DetachedProcess
{
    // What cron gives its commands.
    private static readonly string[] s_kept = ["HOME", "LOGNAME", "USER"];

    /// <summary>Starts a program with the variables that cron gives, and without a terminal.</summary>
    /// <param name="command">The full path of the program, and its arguments.</param>
    /// <param name="variables">More variables.</param>
    /// <exception cref="AmpException">The system could not start it.</exception>
    public static void Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables)
    {
        // Where it gets no session of its own, it must ignore the end of the terminal. A shell without job control has its background jobs ignore Ctrl+C. The
        // nohup of macOS would refuse to start it where there is no console, and nobody would know.
        const string Script = "( " + OwnSession.Attempt + "trap '' HUP; exec \"$@\" ) </dev/null >/dev/null 2>&1 &";
        ProcessStartInfo start = new("/bin/sh") { UseShellExecute = false, WorkingDirectory = "/" };
        foreach (string argument in (string[])["-c", Script, "sh", .. command])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (string name in s_kept)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                start.Environment[name] = value;
            }
        }

        start.Environment["SHELL"] = "/bin/sh";
        start.Environment["PATH"] = "/usr/bin:/bin";
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            using Process process = Process.Start(start)!;
            process.WaitForExit();
        }
        catch (Win32Exception exception)
        {
            throw new AmpProcessException($"'{command[0]}' could not be started: {exception.Message}", AmpErrorId.SchedulerFailed, "Check that /bin/sh can be started.", exception);
        }
    }
}
