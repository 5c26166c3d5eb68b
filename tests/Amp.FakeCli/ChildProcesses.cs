using System.Diagnostics;
using System.Globalization;

namespace Amp.FakeCli;

/// <summary>Starts processes that outlive the fake, but not by much.</summary>
internal sealed class ChildProcesses
{
    public const string SleeperArgument = "--amp-fake-sleeper";

    /// <summary>A child ends by itself after this time, so that a failed test leaves nothing for ever.</summary>
    public const int LifetimeSeconds = 120;

    private readonly List<ChildProcess> _started = [];

    public ChildProcess[] Started
    {
        get
        {
            lock (_started)
            {
                return [.. _started];
            }
        }
    }

    public void Spawn(string kind, string name)
    {
        int processId = OperatingSystem.IsWindows() ? SpawnSelf(kind, name) : SpawnByShell(kind, name);
        lock (_started)
        {
            _started.Add(new ChildProcess(processId, kind, name));
        }
    }

    private static int SpawnByShell(string kind, string name)
    {
        bool isQuiet = kind.EndsWith("quiet", StringComparison.Ordinal);
        string streams = isQuiet ? "</dev/null >/dev/null 2>&1" : "</dev/null";
        string sleep = $"sleep {LifetimeSeconds} {streams}";
        return kind switch
        {
            "child" or "quiet" => StartShell($"exec {sleep}", name),
            "stubborn" => StartShell($"trap '' TERM INT HUP; exec {sleep}", name),
            "doublefork" or "doublefork-quiet" => StartOrphan(sleep, name),
            "setsid" or "setsid-quiet" => HasSetsid()
                ? StartOrphan($"setsid {sleep}", name)
                : throw FakeStepException.Unsupported($"spawn {kind}"),
            _ => throw FakeStepException.Wrong($"unknown kind of child '{kind}'"),
        };
    }

    // The shell ends at once, so its background process belongs to nobody whose children are looked for.
    private static int StartOrphan(string command, string name)
    {
        string report = Path.Combine(Path.GetTempPath(), $"amp-fake-child-{Guid.NewGuid():N}");
        try
        {
            using Process shell = Process.Start(Shell($"{command} & echo $! >'{report}'", name))!;
            shell.WaitForExit();
            return int.Parse(File.ReadAllText(report), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static int StartShell(string command, string name)
    {
        using Process process = Process.Start(Shell(command, name))!;
        return process.Id;
    }

    private static ProcessStartInfo Shell(string command, string name)
    {
        ProcessStartInfo start = new("/bin/sh") { ArgumentList = { "-c", command } };
        start.Environment["AMP_FAKE_CHILD"] = name;
        return start;
    }

    private static int SpawnSelf(string kind, string name)
    {
        if (kind is not ("child" or "quiet"))
        {
            throw FakeStepException.Unsupported($"spawn {kind}");
        }

        bool isQuiet = kind == "quiet";
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            ArgumentList = { SleeperArgument },
            RedirectStandardInput = true,
            RedirectStandardOutput = isQuiet,
            RedirectStandardError = isQuiet,
        };
        start.Environment["AMP_FAKE_CHILD"] = name;
        using Process process = Process.Start(start)!;
        return process.Id;
    }

    private static bool HasSetsid()
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            if (File.Exists(Path.Combine(folder, "setsid")))
            {
                return true;
            }
        }

        return false;
    }
}
