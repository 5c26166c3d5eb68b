using System.Management.Automation.Language;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Files;

namespace Amp.PowerShell.Tools;

/// <summary>
/// Writes an executable of a toolbox: a small script for the system's shell. It describes the tool (<c>TOOLBOX_ACTION=describe</c>), or has
/// PowerShell run the user's script with the input from standard input (<c>execute</c>).
/// </summary>
internal static class ToolboxFile
{
    private const string EndOfDescription = "AMP_TOOL_DESCRIPTION";

    /// <summary>Gets the path of the executable.</summary>
    public static string PathOf(string toolbox, string name) => Path.Combine(toolbox, OperatingSystem.IsWindows() ? name + ".cmd" : name);

    /// <summary>Writes the executable in one step, so that the CLI never sees an incomplete file.</summary>
    /// <exception cref="IOException">The executable cannot be written.</exception>
    public static FileInfo Write(string toolbox, CommandTool tool, string script, string powerShell)
    {
        Directory.CreateDirectory(toolbox);
        string path = PathOf(toolbox, tool.Name);
        string run = Run(script);
        if (OperatingSystem.IsWindows())
        {
            // Without the extension of an executable, so that the CLI does not treat it as one.
            WholeFile.Write(Path.ChangeExtension(path, ".json"), Encoding.UTF8.GetBytes(Describe(tool)));
            WholeFile.Write(path, Encoding.UTF8.GetBytes(Batch(tool.Name, run, powerShell)));
        }
        else
        {
            WholeFile.Write(path, Encoding.UTF8.GetBytes(Shell(Describe(tool), run, powerShell)), WholeFile.OwnerOnly | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        return new FileInfo(path);
    }

    private static string Describe(CommandTool tool)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("name", tool.Name);
            writer.WriteString("description", tool.Description);
            writer.WritePropertyName("inputSchema");
            writer.WriteRawValue(tool.InputSchema);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    // Strings are written as they are, other objects as JSON. Errors are written to standard error, with an exit code that the model gets.
    private static string Run(string script) => $$"""
        $ErrorActionPreference = 'Stop'
        try {
            [Console]::InputEncoding = [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
            $argument = [Console]::In.ReadToEnd() | ConvertFrom-Json -AsHashtable
            if ($null -eq $argument) { $argument = @{} }
            $output = @(& '{{CodeGeneration.EscapeSingleQuotedStringContent(script)}}' @argument)
            if ($output.Where({ $_ -isnot [string] }, 'First')) {
                if ($output.Count -eq 1) { $output = $output[0] }
                ConvertTo-Json -InputObject $output -Depth 5 -EnumsAsStrings -WarningAction Ignore
            } else { $output }
        } catch { [Console]::Error.WriteLine("$_"); exit 1 }
        """;

    private static string Shell(string description, string run, string powerShell) => $"""
        #!/bin/sh
        # A tool for Amp's toolbox, made by New-AmpTool. Make it again when the parameters of the script change.
        case "$TOOLBOX_ACTION" in
        describe)
        cat <<'{EndOfDescription}'
        {description}
        {EndOfDescription}
        ;;
        execute)
        exec {Quote(powerShell)} -NoLogo -NoProfile -NonInteractive -Command {Quote(run)}
        ;;
        *)
        echo 'TOOLBOX_ACTION is neither describe nor execute.' >&2
        exit 64
        ;;
        esac

        """.ReplaceLineEndings("\n");

    // In base64, the command contains nothing that cmd.exe would interpret.
    private static string Batch(string name, string run, string powerShell) => $"""
        @echo off
        rem A tool for Amp's toolbox, made by New-AmpTool. Make it again when the parameters of the script change.
        if "%TOOLBOX_ACTION%"=="describe" (type "%~dp0{name}.json" & exit /b 0)
        "{powerShell.Replace("%", "%%", StringComparison.Ordinal)}" -NoLogo -NoProfile -NonInteractive -EncodedCommand {Convert.ToBase64String(Encoding.Unicode.GetBytes(run))}

        """.ReplaceLineEndings("\r\n");

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
