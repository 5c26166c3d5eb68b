using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Services;

namespace Amp.Sdk.Tests.Approval;

/// <summary>A channel in this process, and the programs that ask on it as the CLI starts them.</summary>
internal sealed class ApprovalBench : IAsyncDisposable
{
    public const string Canary = "sgamp_user_approvalcanary";

    private readonly PrivateFolder _folder = PrivateFolder.Create(Environment.CurrentDirectory);
    private readonly List<ToolApproval> _decisions = [];

    public ApprovalBench(Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> decide, TimeSpan? limit = null)
    {
        Channel = new ApprovalChannel(new ApprovalCallback(decide, limit), "/the/project", tool => tool)
        {
            Decided = decision =>
            {
                lock (_decisions)
                {
                    _decisions.Add(decision);
                }
            },
        };
        Channel.Open();
    }

    public ApprovalChannel Channel { get; }

    public IReadOnlyList<ToolApproval> Decisions
    {
        get
        {
            lock (_decisions)
            {
                return [.. _decisions];
            }
        }
    }

    public static Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> Always(ApprovalDecision decision) =>
        (_, _) => Task.FromResult(decision);

    /// <summary>The program of a kind; skips where this machine has no interpreter for it.</summary>
    public string Program(string kind, int? port = null, ApprovalKeys? keys = null)
    {
        string? interpreter = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, kind)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(OperatingSystem.IsWindows() || interpreter is null, $"There is no {kind} here.");
        Func<string, int, ApprovalKeys, ApprovalScript> make = kind switch
        {
            "bash" => ApprovalScript.ForBash,
            "node" => ApprovalScript.ForNode,
            _ => ApprovalScript.ForPowerShell,
        };
        ApprovalScript script = make(interpreter, port ?? Channel.Port, keys ?? Channel.Keys);
        _folder.Add(new PrivateFile(script.Name, Encoding.UTF8.GetBytes(script.Text)));
        return _folder.Add(new PrivateFile("approve", Encoding.UTF8.GetBytes(script.Starter(_folder.Path)), IsProgram: true));
    }

    /// <summary>Starts a program as the CLI does, which gives it all of its own variables.</summary>
    public static Process Start(string program, string input = """{"cmd":"ls"}""", string tool = "Bash", string? path = null)
    {
        ProcessStartInfo start = new(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AGENT_TOOL_NAME"] = tool;
        start.Environment["AGENT_TOOL_USE_ID"] = "toolu_1";
        start.Environment["AMP_THREAD_ID"] = "T-1";
        start.Environment["AMP_API_KEY"] = Canary;
        start.Environment["PATH"] = path ?? start.Environment["PATH"];
        Process process = Started(start);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }

    public static async Task<(int ExitCode, string Error)> EndAsync(Process process)
    {
        using (process)
        {
            Task<string> error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(FakeRun.HangLimit);
            return (process.ExitCode, await error);
        }
    }

    /// <summary>Connects that many times and says nothing yet; the caller disposes of the connections.</summary>
    public async Task<List<TcpClient>> ConnectAsync(int count)
    {
        List<TcpClient> clients = [];
        for (int i = 0; i < count; i++)
        {
            TcpClient client = new();
            clients.Add(client);
            await client.ConnectAsync("127.0.0.1", Channel.Port, TestContext.Current.CancellationToken);
        }

        return clients;
    }

    /// <summary>Sends bytes as a stranger and gives what comes back until the end of the connection.</summary>
    public async Task<string> SendAsync(params string[] fields)
    {
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", Channel.Port);
        return await AskAsync(client, fields);
    }

    /// <summary>Sends bytes on a connection and gives what comes back until its end.</summary>
    public static async Task<string> AskAsync(TcpClient client, params string[] fields)
    {
        NetworkStream stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(fields.Select(field => field + '\0'))));
            return await new StreamReader(stream).ReadToEndAsync().WaitAsync(FakeRun.HangLimit);
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        _folder.Dispose();
    }

    // Another test that starts a process at this moment can have the file of the program open for a few milliseconds, as it was written just now.
    private static Process Started(ProcessStartInfo start)
    {
        const int TextFileBusy = 26;
        while (true)
        {
            try
            {
                return Process.Start(start)!;
            }
            catch (Win32Exception exception) when (exception.NativeErrorCode == TextFileBusy)
            {
                Thread.Sleep(10);
            }
        }
    }
}
