using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.PowerShell.Pipeline;
using Amp.Text;

namespace Amp.PowerShell.Tools;

/// <summary>
/// A call of a command in the caller's session for a script of the agent. The script contributes only a name and data, never code: the
/// values are read from JSON and bound by PowerShell as if they were typed.
/// </summary>
internal sealed class CallerCommand
{
    // Commands that it calls also use the preference, unless they come from another module. The parameter always applies.
    private const string Script = """
        param($__ampCommand, $__ampNamed, $__ampGiven, $__ampInput, $__ampHasInput, $__ampPretends, $__ampLoadsNothing, $__ampVerbose)
        if ($__ampVerbose) { $VerbosePreference = 'Continue' }
        if ($__ampPretends) { $WhatIfPreference = $true }
        if ($__ampLoadsNothing) { $PSModuleAutoLoadingPreference = 'None' }
        if ($__ampHasInput) { $__ampInput | & $__ampCommand @__ampNamed @__ampGiven 3>&1 } else { & $__ampCommand @__ampNamed @__ampGiven 3>&1 }
        """;

    // They show commands, modules and help, and would load or read whatever a path or the name of a module points to.
    private static readonly Dictionary<string, string[]> s_namesOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Get-Command"] = ["Name", "Noun", "Verb", "CommandType", "TotalCount", "All", "ListImported", "ParameterName", "ErrorAction"],
        ["Get-Help"] = ["Name", "Category", "Full", "Detailed", "Examples", "Parameter", "ErrorAction"],
        ["Get-Module"] = ["Name", "All", "ErrorAction"],
        ["Get-Alias"] = ["Name", "Definition", "ErrorAction"],
    };

    private static readonly HashSet<string> s_actions = new(StringComparer.OrdinalIgnoreCase) { "SilentlyContinue", "Ignore", "Continue", "Stop", "0", "1", "2", "4" };

    private readonly CommandInfo _command;
    private readonly JsonElement _call;
    private readonly Hashtable _named = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<object?> _given = [];

    /// <param name="command">The command that <see cref="CommandPolicy"/> found.</param>
    /// <param name="call">The call from the process of the script.</param>
    /// <exception cref="ArgumentException">The call has arguments that a script cannot use.</exception>
    public CallerCommand(CommandInfo command, JsonElement call)
    {
        _command = command;
        _call = call;
        ReadArguments();
        if (CommandPolicy.SupportsShouldProcess(command))
        {
            ShownText.Refuse(command.Name, call);
        }
    }

    /// <summary>Runs the command.</summary>
    /// <param name="cmdlet">The cmdlet that waits.</param>
    /// <param name="allowChange">Whether changes are allowed.</param>
    /// <param name="words">The words in the script.</param>
    /// <param name="cancellationToken">Stops the script.</param>
    /// <returns>The answer for the process of the script.</returns>
    public JsonObject Run(AmpCmdlet cmdlet, bool allowChange, HashSet<string> words, CancellationToken cancellationToken)
    {
        bool pretends = !allowChange && CommandPolicy.SupportsShouldProcess(_command);
        if (pretends)
        {
            _named["WhatIf"] = true;
        }

        bool verbose = cmdlet.MyInvocation.BoundParameters.TryGetValue("Verbose", out object? given) && given is SwitchParameter { IsPresent: true };
        object?[] input = [.. _call.GetProperty("input").EnumerateArray().Select(item => AsObject(ToolArguments.Value(item)))];
        ToolOutputData data = new(words);
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddScript(Script, useLocalScope: true);
        foreach (object? argument in (object?[])[_command is FunctionInfo or CmdletInfo ? Target(cmdlet) : _command, _named, _given.ToArray(), input, input.Length > 0,
            !allowChange, s_namesOnly.ContainsKey(_command.Name), verbose])
        {
            shell.AddArgument(argument);
        }

        // Stopping waits for the end of the command, and the caller that cancels must not wait.
        using CancellationTokenRegistration stopping = cancellationToken.UnsafeRegister(
            static state => ((System.Management.Automation.PowerShell)state!).BeginStop(null, null), shell);
        string? failure = null;
        try
        {
            shell.Invoke(null, data.Sink);
        }
        catch (PipelineStoppedException)
        {
            failure = $"{_command.Name} was stopped.";
        }
        catch (InvalidOperationException) when (cancellationToken.IsCancellationRequested)
        {
            failure = $"{_command.Name} was stopped.";
        }
        catch (RuntimeException exception)
        {
            failure = Text(exception.ErrorRecord);
        }
        catch (ArgumentException exception)
        {
            failure = exception.Message;
        }

        IEnumerable<string> errors = failure is null ? shell.Streams.Error.Select(Text) : [failure];
        return new JsonObject
        {
            ["output"] = data.ToText(),
            ["errors"] = Texts(errors),
            ["warnings"] = Texts(data.Warnings),
            ["pretends"] = pretends,
            ["isStopped"] = failure is not null,
        };
    }

    /// <summary>The answer for a refused call.</summary>
    public static JsonObject Refusal(string reason) => new()
    {
        ["output"] = string.Empty,
        ["errors"] = Texts([reason]),
        ["warnings"] = new JsonArray(),
        ["pretends"] = false,
        ["isStopped"] = true,
    };

    // By name, so that mocks are called; by the command itself if the name points elsewhere, and in a restricted session, whose functions
    // PowerShell does not show to trusted code.
    private object Target(PSCmdlet cmdlet) =>
        cmdlet.SessionState.LanguageMode == PSLanguageMode.FullLanguage
        && cmdlet.InvokeCommand.GetCommand(_command.Name, CommandTypes.All) is CommandInfo seen
        && seen.CommandType == _command.CommandType && seen.ModuleName == _command.ModuleName ? _command.Name : _command;

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Take(100).Select(text => (JsonNode)(TruncatedText.Shown(text, 4096)))];

    private static string Text(ErrorRecord error) =>
        TerminalText.Strip(error.ErrorDetails?.Message is { Length: > 0 } details ? details : error.Exception.Message);

    private static object? AsObject(object? value)
    {
        if (value is not Hashtable table)
        {
            return value;
        }

        PSObject result = new();
        foreach (DictionaryEntry entry in table)
        {
            result.Properties.Add(new PSNoteProperty((string)entry.Key, entry.Value));
        }

        return result;
    }

    private void ReadArguments()
    {
        JsonElement[] arguments = [.. _call.GetProperty("arguments").EnumerateArray()];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].TryGetProperty("name", out JsonElement written))
            {
                Add(null, ToolArguments.Value(arguments[i].GetProperty("value")));
                continue;
            }

            // With a colon, the next value belongs to the parameter, even if it is a switch.
            string text = written.GetString() ?? string.Empty;
            ParameterMetadata? parameter = Parameter(text.TrimEnd(':'));
            string name = parameter?.Name ?? text.TrimEnd(':');
            bool hasValue = i + 1 < arguments.Length && arguments[i + 1].TryGetProperty("value", out _)
                && (text.EndsWith(':') || parameter?.ParameterType != typeof(SwitchParameter));
            Add(name, hasValue ? ToolArguments.Value(arguments[++i].GetProperty("value")) : true);
        }
    }

    private void Add(string? name, object? value)
    {
        if (name is null)
        {
            _given.Add(value);
        }
        else if (!_named.ContainsKey(name))
        {
            _named[name] = value;
        }
        else
        {
            throw new ArgumentException($"{_command.Name}: the parameter '{name}' is given twice.");
        }

        if (name is not null && ScriptGate.IsRefusedParameter(name))
        {
            throw new ArgumentException($"{_command.Name}: the parameter '-{name}' is not allowed.");
        }

        if (name is not null && name.EndsWith("Action", StringComparison.OrdinalIgnoreCase) && !s_actions.Contains($"{value}"))
        {
            throw new ArgumentException($"{_command.Name}: the parameter '-{name}' accepts only SilentlyContinue, Ignore, Continue or Stop.");
        }

        if (s_namesOnly.TryGetValue(_command.Name, out string[]? known)
            && ((name is not null && !known.Contains(name, StringComparer.OrdinalIgnoreCase)) || !IsNames(value)))
        {
            throw new ArgumentException($"{_command.Name} accepts only names and patterns of names, with {string.Join(", ", known.Select(parameter => "-" + parameter))}.");
        }
    }

    // Not a path, and without a module name.
    private static bool IsNames(object? value) => value switch
    {
        null or bool or int or long => true,
        string text => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '*' or '?'),
        object?[] list => list.All(IsNames),
        _ => false,
    };

    private ParameterMetadata? Parameter(string name)
    {
        try
        {
            return _command.ResolveParameter(name);
        }
        catch (ParameterBindingException)
        {
            return null;
        }
    }
}
