using System.Collections.Specialized;
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
    public static FileInfo Write(string toolbox, CommandTool tool, string script, IReadOnlyList<string> powerShell)
    {
        Directory.CreateDirectory(toolbox);
        string path = PathOf(toolbox, tool.Name);
        string run = Run(script, tool.Parameters);
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

    // The script gets the values that ToolArguments would give it: ConvertFrom-Json would turn each string that looks like a time into one, and null would replace the
    // default of a parameter. Strings are written as they are, other objects as JSON. Errors are written to standard error, with an exit code that the model gets. The
    // script would see variables of this one as its own, so they have names that no script uses, or a scope of their own.
    private static string Run(string script, ToolParameters parameters) => $$"""
        $ErrorActionPreference = 'Stop'
        try {
            [Console]::InputEncoding = [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
            $__ampArguments = & {
                function __AmpValue($e, $inOrder) {
                    switch ("$($e.ValueKind)") {
                        Object { $h = $inOrder ? [ordered]@{} : @{}; foreach ($p in $e.EnumerateObject()) { $h[$p.Name] = __AmpValue $p.Value }; $h }
                        Array { , @(foreach ($i in $e.EnumerateArray()) { , (__AmpValue $i $inOrder) }) }
                        String { $e.GetString() }
                        True { $true }
                        False { $false }
                        Number {
                            $n = 0; $l = 0L; $d = [decimal] 0
                            if ($e.TryGetInt32([ref] $n)) { $n } elseif ($e.TryGetInt64([ref] $l)) { $l }
                            elseif ($e.TryGetDecimal([ref] $d) -and [double] $d -eq $e.GetDouble()) { $d } else { $e.GetDouble() }
                        }
                        default { $null }
                    }
                }
                $argument = @{}
                $text = [Console]::In.ReadToEnd()
                if ($text.Trim() -notin '', 'null') {
                    foreach ($p in [System.Text.Json.JsonDocument]::Parse($text).RootElement.EnumerateObject()) {
                        if ("$($p.Value.ValueKind)" -ne 'Null') { $argument[$p.Name] = __AmpValue $p.Value ($p.Name -in @({{InOrder(parameters)}})) }
                    }
                }
                $argument
            }
            $__ampOutput = @(& '{{CodeGeneration.EscapeSingleQuotedStringContent(script)}}' @__ampArguments)
            if ($__ampOutput.Where({ $_ -isnot [string] }, 'First')) {
                if ($__ampOutput.Count -eq 1) { $__ampOutput = $__ampOutput[0] }
                ConvertTo-Json -InputObject $__ampOutput -Depth 5 -EnumsAsStrings -WarningAction Ignore
            } else { $__ampOutput }
        } catch { [Console]::Error.WriteLine("$_"); exit 1 }
        """;

    // The parameters whose tables keep their order.
    private static string InOrder(ToolParameters parameters) => string.Join(", ", parameters.Names
        .Where(name => parameters.Find(name)!.ParameterType is Type type && (type.GetElementType() ?? type) == typeof(OrderedDictionary))
        .Select(name => $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'"));

    private static string Shell(string description, string run, IReadOnlyList<string> powerShell) => $"""
        #!/bin/sh
        # A tool for Amp's toolbox, made by New-AmpTool. Make it again when the parameters of the script change.
        case "$TOOLBOX_ACTION" in
        describe)
        cat <<'{EndOfDescription}'
        {description}
        {EndOfDescription}
        ;;
        execute)
        exec {string.Join(' ', powerShell.Select(Quote))} -NoLogo -NoProfile -NonInteractive -Command {Quote(run)}
        ;;
        *)
        echo 'TOOLBOX_ACTION is neither describe nor execute.' >&2
        exit 64
        ;;
        esac

        """.ReplaceLineEndings("\n");

    // In base64, the command contains nothing that cmd.exe would interpret. cmd.exe reads each line in the code page that the console has by then. It would search
    // the current folder, which is the project, for a program without a path.
    private static string Batch(string name, string run, IReadOnlyList<string> powerShell) => $"""
        @echo off
        rem A tool for Amp's toolbox, made by New-AmpTool. Make it again when the parameters of the script change.
        if "%TOOLBOX_ACTION%"=="describe" (type "%~dp0{name}.json" & exit /b 0)
        {(powerShell.All(word => Ascii.IsValid(word)) ? "rem" : "\"%SystemRoot%\\System32\\chcp.com\" 65001 <nul >nul")}
        {string.Join(' ', powerShell.Select(word => $"\"{word.Replace("%", "%%", StringComparison.Ordinal)}\""))} -NoLogo -NoProfile -NonInteractive -EncodedCommand {Convert.ToBase64String(Encoding.Unicode.GetBytes(run))}

        """.ReplaceLineEndings("\r\n");

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
