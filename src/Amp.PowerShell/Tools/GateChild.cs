using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.PowerShell.Tools;

/// <summary>
/// The code of the process in <see cref="GateProcess"/>: reads a script of the agent, checks it, and runs it in a runspace that has only
/// the commands it calls, in constrained language mode, without providers, modules and the file system.
/// </summary>
internal static class GateChild
{
    private const int StackBytes = 32 * 1024 * 1024;

    /// <summary>The commands that only process objects. They run here; all others are called in the caller's session.</summary>
    public static readonly HashSet<string> DataCommands = new(StringComparer.OrdinalIgnoreCase)
    {
        "Compare-Object", "ConvertFrom-Csv", "ConvertFrom-Json", "ConvertTo-Csv", "ConvertTo-Json", "ForEach-Object", "Get-Member", "Get-Unique",
        "Group-Object", "Measure-Object", "Select-Object", "Select-String", "Sort-Object", "Where-Object", "Write-Output",
    };

    private static readonly BlockingCollection<JsonElement> s_received = [];
    private static GateMessage? s_messages;

    /// <summary>Runs scripts, one after the other, until the other process exits.</summary>
    public static void Run()
    {
        // Parsing could search for modules there.
        Environment.SetEnvironmentVariable("PSModulePath", string.Empty);
        RemovePipe();
        s_messages = new GateMessage(Console.OpenStandardInput(), Console.OpenStandardOutput());
        CallerCommandCall.Ask = Ask;
        Thread reading = new(Read) { IsBackground = true };
        reading.Start();

        // The maximum nesting of a script with the allowed length.
        Thread working = new(
            static () =>
            {
                while (true)
                {
                    Work();
                }
            },
            StackBytes);
        working.Start();
        working.Join();
    }

    // PowerShell before 7.6 always opens a pipe for its debugger, whose file would remain if the process is killed.
    private static void RemovePipe()
    {
        try
        {
            foreach (string pipe in Directory.EnumerateFiles(Path.GetTempPath(), $"CoreFxPipe_PSHost.*.{Environment.ProcessId}.*"))
            {
                File.Delete(pipe);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // If this fails, the file remains.
        }
    }

    // Whatever the script does, this process exits when the other process exits.
    private static void Read()
    {
        while (s_messages!.Receive() is JsonElement message)
        {
            s_received.Add(message);
        }

        using Process own = Process.GetCurrentProcess();
        own.Kill();
    }

    private static JsonElement Ask(JsonObject question)
    {
        return s_messages!.Send(question) ? s_received.Take() : throw new ArgumentException("The command gets too much data. Pass less.");
    }

    private static void Work()
    {
        JsonElement order = s_received.Take();
        CallerCommandCall.HasPretended = false;
        ToolOutput output = new();
        bool isWhole = true;
        try
        {
            string text = order.GetProperty("script").GetString()!;
            ScriptBlockAst script = ScriptGate.Read(text);
            isWhole = Execute(text, Commands(script), output);
        }
        catch (Exception exception) when (exception is ArgumentException or InsufficientExecutionStackException)
        {
            output = new ToolOutput();
            output.Errors.Add(exception is ArgumentException ? $"{exception.Message} {order.GetProperty("hint").GetString()}" : "The script was not run: it is nested too deeply.");
        }

        s_messages!.Send(new JsonObject { ["kind"] = "done", ["text"] = output.ToText(), ["isError"] = output.Errors.Count > 0, ["isWhole"] = isWhole });
    }

    // The other process decides, because only it knows the session.
    private static Dictionary<string, string?> Commands(ScriptBlockAst script)
    {
        CommandAst[] calls = [.. script.FindAll(static node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()];
        JsonArray names = [.. calls.Select(call => call.GetCommandName()!).Distinct(StringComparer.OrdinalIgnoreCase).Select(name => (JsonNode)name)];
        JsonElement answer = Ask(new JsonObject { ["kind"] = "resolve", ["names"] = names });
        Dictionary<string, string?> data = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonElement command in answer.GetProperty("commands").EnumerateArray())
        {
            string name = command.GetProperty("name").GetString()!;
            if (command.GetProperty("refusal").GetString() is string refusal)
            {
                throw ScriptGate.Refused(refusal);
            }

            data[name] = command.GetProperty("data").GetString();
        }

        foreach (CommandAst call in calls)
        {
            ScriptGate.CheckCall(call, data[call.GetCommandName()!]);
        }

        return data;
    }

    // False if the memory limit was reached: the process must not be used again.
    private static bool Execute(string text, Dictionary<string, string?> commands, ToolOutput output)
    {
        InitialSessionState state = InitialSessionState.Create();
        state.LanguageMode = PSLanguageMode.ConstrainedLanguage;
        state.Commands.Add(new SessionStateCmdletEntry("Invoke-CallerCommand", typeof(CallerCommandCall), null) { Visibility = SessionStateEntryVisibility.Private });
        Dictionary<string, Type> types = DataCommandTypes();
        foreach ((string name, string? data) in commands)
        {
            string quoted = CodeGeneration.EscapeSingleQuotedStringContent(name);
            if (data is null)
            {
                state.Commands.Add(new SessionStateFunctionEntry(name, $"if ($MyInvocation.ExpectingInput) {{ $input | Invoke-CallerCommand '{quoted}' $args }} else {{ Invoke-CallerCommand '{quoted}' $args }}"));
                continue;
            }

            if (!state.Commands.Any(entry => entry.Name.Equals(data, StringComparison.OrdinalIgnoreCase)))
            {
                state.Commands.Add(new SessionStateCmdletEntry(data, types[data], null));
            }

            if (!name.Equals(data, StringComparison.OrdinalIgnoreCase))
            {
                state.Commands.Add(new SessionStateAliasEntry(name, data));
            }
        }

        using Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Open();
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddScript(text);
        bool isWhole = true;
        try
        {
            shell.Invoke(null, output.Sink);
        }
        catch (RuntimeException exception)
        {
            isWhole = !IsShortage(exception);
            output.Errors.Add(TerminalText.Strip(exception.ErrorRecord.Exception.Message));
        }

        output.Errors.InsertRange(0, shell.Streams.Error.Select(error => TerminalText.Strip(error.Exception.Message)));
        output.Warnings.AddRange(shell.Streams.Warning.Select(warning => TerminalText.Strip(warning.Message)));
        if (CallerCommandCall.HasPretended)
        {
            output.Notes.Add("Commands ran with -WhatIf: nothing was changed. Changes are not allowed in this run.");
        }

        return isWhole && !shell.Streams.Error.Any(error => IsShortage(error.Exception));
    }

    private static bool IsShortage(Exception exception) => exception.GetBaseException() is OutOfMemoryException or InsufficientMemoryException;

    private static Dictionary<string, Type> DataCommandTypes()
    {
        Dictionary<string, Type> types = new(StringComparer.OrdinalIgnoreCase);
        foreach (Assembly assembly in (Assembly[])[typeof(PSObject).Assembly, Assembly.Load("Microsoft.PowerShell.Commands.Utility")])
        {
            foreach (Type type in assembly.GetExportedTypes())
            {
                if (type.GetCustomAttribute<CmdletAttribute>() is CmdletAttribute cmdlet && DataCommands.Contains($"{cmdlet.VerbName}-{cmdlet.NounName}"))
                {
                    types[$"{cmdlet.VerbName}-{cmdlet.NounName}"] = type;
                }
            }
        }

        return types;
    }
}
