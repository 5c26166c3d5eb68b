using System.Globalization;
using System.Management.Automation.Language;
using System.Text;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Describes the start of a run, for <c>-WhatIf</c> and <c>-Verbose</c>. It contains only the names of variables and the length of the
/// prompt, because both can contain a secret.
/// </summary>
internal static class RunDescription
{
    /// <summary>Describes a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="images">Its images; null for none.</param>
    public static string OfPrompt(string prompt, IReadOnlyList<InputImage>? images = null) =>
        $"{prompt.Length.ToString("N0", CultureInfo.InvariantCulture)} characters{(images is { Count: > 0 } ? $" and images ({string.Join(", ", images)})" : string.Empty)}, by standard input";

    /// <summary>Describes a run.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="input">The standard input of the CLI.</param>
    public static string Of(RunPlan plan, string input)
    {
        StringBuilder text = new();
        text.AppendLine("Run the Amp agent.");
        Add(text, "command", string.Join(' ', plan.Arguments.Prepend(plan.Program.FileName).Select(Quote)));
        if (plan.Transport.HostName is not null)
        {
            Add(text, "host", $"{plan.Transport}, by ssh");
        }

        Add(text, "folder", plan.WorkingDirectory);
        Add(text, "prompt", input);
        Add(text, "settings", Settings(plan));
        if (plan.ToolNames.Count > 0)
        {
            Add(text, "tools", string.Join(", ", plan.ToolNames));
        }

        if (plan.OutputSchema is not null)
        {
            Add(text, "output", plan.OutputSchema.ReplaceLineEndings(" "));
        }

        if (plan.Options.TranscriptPath is string transcript)
        {
            Add(text, "record", transcript);
        }

        Add(text, "variables", string.Join(", ", plan.VariableNames));
        if (plan.Cli is null)
        {
            Add(text, "note", "the CLI's options are not known yet; the run adds the options that make it quiet");
        }

        return text.ToString().TrimEnd();
    }

    private static void Add(StringBuilder text, string name, string value) =>
        text.Append("  ").Append((name + ":").PadRight(11)).AppendLine(value);

    private static string Settings(RunPlan plan)
    {
        string user = plan.Transport.HostName is not null ? "those of the user on the host"
            : plan.SettingsFile is null ? "the user has none"
            : $"the user's own, {plan.SettingsFile}{(File.Exists(plan.SettingsFile) ? string.Empty : " (does not exist)")}";
        return plan.SettingsKeys.Count == 0 ? user : $"{user}, with the call's {string.Join(", ", plan.SettingsKeys)} in a private file";
    }

    private static string Quote(string argument) =>
        argument.Length > 0 && !argument.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or (>= '\u2018' and <= '\u201F'))
            ? argument
            : "'" + CodeGeneration.EscapeSingleQuotedStringContent(argument) + "'";
}
