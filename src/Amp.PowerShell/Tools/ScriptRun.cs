using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Runs one script of the agent in a separate process, and does what that process requests, on the pipeline thread. The requests of that
/// process are not trusted.
/// </summary>
internal sealed class ScriptRun
{
    private readonly CommandPolicy _policy;
    private readonly AmpCmdlet _cmdlet;
    private readonly bool _allowChange;
    private readonly ScriptProcess _process;
    private readonly List<string> _warnings = [];

    /// <param name="policy">The commands that the script can call.</param>
    /// <param name="cmdlet">The cmdlet that waits.</param>
    /// <param name="allowChange">Whether changes are allowed.</param>
    /// <param name="process">The process that runs the script.</param>
    public ScriptRun(CommandPolicy policy, AmpCmdlet cmdlet, bool allowChange, ScriptProcess process)
    {
        _process = process;
        _policy = policy;
        _cmdlet = cmdlet;
        _allowChange = allowChange;
    }

    /// <summary>The warnings of the commands.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Runs a script. Returns null if it was stopped.</summary>
    /// <exception cref="InvalidOperationException">No process can be started for it.</exception>
    public ToolResult? Run(string script, CancellationToken cancellationToken)
    {
        GateProcess process = _process.Take(_cmdlet.SessionState.PSVariable.GetValue("PSHOME") as string ?? string.Empty);
        bool isGivenBack = false;
        try
        {
            ToolResult? result = Run(process, script, out bool isWhole, cancellationToken);
            if (isWhole && !cancellationToken.IsCancellationRequested)
            {
                _process.GiveBack(process);
                isGivenBack = true;
            }

            return result;
        }
        finally
        {
            if (!isGivenBack)
            {
                process.Dispose();
            }
        }
    }

    private ToolResult? Run(GateProcess process, string script, out bool isWhole, CancellationToken cancellationToken)
    {
        HashSet<string> words = Words(script);
        isWhole = false;
        using CancellationTokenRegistration stopping = cancellationToken.UnsafeRegister(static state => ((GateProcess)state!).Kill(), process);
        try
        {
            process.Messages.Send(new JsonObject
            {
                ["script"] = script,
                ["hint"] = $"It can contain pipelines of these commands, with script blocks, properties and operators: {_policy.Allowed}.",
            });
            while (process.Messages.Receive() is JsonElement message)
            {
                switch (Kind(message))
                {
                    case "resolve":
                        process.Messages.Send(Resolve(message));
                        break;
                    case "call":
                        if (!process.Messages.Send(Call(message, words, cancellationToken)))
                        {
                            process.Messages.Send(CallerCommand.Refusal("It returns too much data. Ask for less."));
                        }

                        break;
                    case "done":
                        isWhole = message.GetProperty("isWhole").GetBoolean();
                        return new ToolResult(message.GetProperty("text").GetString()!, message.GetProperty("isError").GetBoolean());
                    default:
                        return Broken();
                }

                if (cancellationToken.IsCancellationRequested)
                {
                    return null;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or KeyNotFoundException or JsonException or InvalidOperationException)
        {
            return cancellationToken.IsCancellationRequested ? null : Broken();
        }

        return cancellationToken.IsCancellationRequested ? null : Broken();
    }

    private static ToolResult Broken() => new(
        $"The script was stopped because its process exited. This happens if it requires more than {GateProcess.MemoryMebibytes} MiB of memory.", IsError: true);

    private static string? Kind(JsonElement message) => message.TryGetProperty("kind", out JsonElement kind) ? kind.GetString() : null;

    // A property that is expensive to read is read only if the script may refer to it.
    private static HashSet<string> Words(string script)
    {
        HashSet<string> words = new(StringComparer.OrdinalIgnoreCase);
        int start = -1;
        for (int i = 0; i <= script.Length; i++)
        {
            bool isWord = i < script.Length && (char.IsLetterOrDigit(script[i]) || script[i] == '_');
            if (i < script.Length && script[i] is ('*' or '?' or '['))
            {
                words.Add(script[i].ToString());
            }

            if (isWord && start < 0)
            {
                start = i;
            }
            else if (!isWord && start >= 0)
            {
                words.Add(script[start..i]);
                start = -1;
            }
        }

        return words;
    }

    private JsonObject Resolve(JsonElement message)
    {
        JsonArray commands = [];
        foreach (JsonElement written in message.GetProperty("names").EnumerateArray())
        {
            string name = written.GetString() ?? string.Empty;
            CommandInfo? command = _policy.Find(name, _cmdlet, _allowChange, out string? refusal);
            commands.Add(new JsonObject
            {
                ["name"] = name,
                ["refusal"] = refusal,
                ["data"] = command is not null && CommandPolicy.IsData(command) ? command.Name : null,
            });
        }

        return new JsonObject { ["commands"] = commands };
    }

    private JsonObject Call(JsonElement message, HashSet<string> words, CancellationToken cancellationToken)
    {
        string name = message.GetProperty("command").GetString() ?? string.Empty;
        CommandInfo? command = _policy.Find(name, _cmdlet, _allowChange, out string? refusal);
        if (command is null || CommandPolicy.IsData(command))
        {
            return CallerCommand.Refusal(refusal ?? $"the command '{name}' cannot be called here");
        }

        try
        {
            CallerCommand call = new(command, message);
            _cmdlet.WriteVerbose($"The agent's script calls {command.Name}.");
            JsonObject answer = call.Run(_cmdlet, _allowChange, words, cancellationToken);
            _warnings.AddRange(answer["warnings"]!.AsArray().Select(warning => warning!.GetValue<string>()).Take(100 - Math.Min(_warnings.Count, 100)));
            return answer;
        }
        catch (Exception exception) when (exception is ArgumentException or (RuntimeException and not PipelineStoppedException))
        {
            return CallerCommand.Refusal(TerminalText.Strip(exception.Message));
        }
    }
}
