using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Amp.Testing;

namespace Amp.FakeCli.Tests;

/// <summary>A started fake CLI with all it writes; it and its children are gone when the object is.</summary>
internal sealed class FakeCliProcess : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly PrivateHome _home;
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();
    private readonly Task _outputEnd;
    private readonly Task _errorEnd;

    private FakeCliProcess(Process process, PrivateHome home, string log)
    {
        _process = process;
        _home = home;
        Log = log;
        _outputEnd = CollectAsync(process.StandardOutput.BaseStream, _output);
        _errorEnd = CollectAsync(process.StandardError.BaseStream, _error);
    }

    public string Log { get; }

    public string Home => _home.Root;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public byte[] OutputBytes => Snapshot(_output);

    public string Error => Encoding.UTF8.GetString(Snapshot(_error));

    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public StreamWriter Input => _process.StandardInput;

    public FakeCliRecord Record => FakeCliRecord.ReadAll(Log).Single(record => record.ProcessId == Id);

    /// <summary>Starts the fake with an open stdin.</summary>
    public static FakeCliProcess Start(FakeCliScript script, params string[] arguments) => Start(script, _ => { }, arguments);

    /// <summary>Starts the fake after <paramref name="prepare"/> has changed how, with a home folder of its own.</summary>
    public static FakeCliProcess Start(FakeCliScript script, Action<ProcessStartInfo> prepare, params string[] arguments)
    {
        PrivateHome home = new();
        string log = Path.Combine(home.Root, "log");
        ProcessStartInfo start = new(RepositoryLayout.FakeCli, arguments)
        {
            WorkingDirectory = home.Project,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (KeyValuePair<string, string?> variable in home.Environment().Concat(script.Environment(log)))
        {
            start.Environment[variable.Key] = variable.Value;
        }

        prepare(start);
        return new FakeCliProcess(Process.Start(start)!, home, start.Environment["AMP_FAKE_LOG"]!);
    }

    /// <summary>Runs the fake to its end, with this text on stdin.</summary>
    public static async Task<FakeCliProcess> RunAsync(FakeCliScript script, string input = "", params string[] arguments)
    {
        FakeCliProcess process = Start(script, arguments);
        await process.WriteAsync(input);
        process.Input.Close();
        await process.WaitForExitAsync();
        await process.WaitForEndOfOutputAsync();
        return process;
    }

    /// <summary>Writes to stdin without a byte order mark; a fake that has ended or closed it is no failure here.</summary>
    public async Task WriteAsync(string text)
    {
        try
        {
            await Input.WriteAsync(text);
            await Input.FlushAsync();
        }
        catch (IOException)
        {
        }
    }

    public async Task<int> WaitForExitAsync()
    {
        using CancellationTokenSource limit = new(s_limit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async Task WaitForEndOfOutputAsync()
    {
        await _outputEnd.WaitAsync(s_limit);
        await _errorEnd.WaitAsync(s_limit);
    }

    public Task WaitForEndOfStandardOutputAsync() => _outputEnd.WaitAsync(s_limit);

    public Task WaitForEndOfStandardErrorAsync() => _errorEnd.WaitAsync(s_limit);

    /// <summary>Whether stdout has ended, for a test that another process still holds it.</summary>
    public bool OutputEnded => _outputEnd.IsCompleted;

    public Task WaitForOutputAsync(string text) => WaitUntilAsync(() => Output.Contains(text, StringComparison.Ordinal));

    public static async Task WaitUntilAsync(Func<bool> condition) =>
        Assert.True(await Eventually.IsTrueAsync(condition, s_limit), "What the test waits for did not happen.");

    public void Send(int signal) => Send(Id, signal);

    public static void Send(int processId, int signal) => Assert.Equal(0, kill(processId, signal));

    public void Kill() => _process.Kill();

    public void KillTree() => _process.Kill(entireProcessTree: true);

    public void Dispose()
    {
        foreach (int child in FakeCliRecord.ReadAll(Log).SelectMany(record => record.ChildProcessIds))
        {
            End(child);
        }

        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _home.Dispose();
    }

    private static void End(int processId)
    {
        try
        {
            using Process child = Process.GetProcessById(processId);
            child.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
    }

    private static async Task CollectAsync(Stream from, MemoryStream to)
    {
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            lock (to)
            {
                to.Write(buffer, 0, read);
            }
        }
    }

    private static byte[] Snapshot(MemoryStream stream)
    {
        lock (stream)
        {
            return stream.ToArray();
        }
    }

    [DllImport("libc")]
    private static extern int kill(int processId, int signal);
}
