using System.Text;
using Amp.Files;

namespace Amp.Cli;

/// <summary>The kinds of files, which determine how they are started.</summary>
internal enum CliFileKind
{
    Native,
    JavaScript,
    Shim,
    Script,
    Unusable,
}

/// <summary>
/// Determines the kind of a file from its name and first bytes, without assumptions, because the form of the CLI changed in 2026.
/// </summary>
internal static class CliFile
{
    private const int BytesRead = 512;

    /// <summary>Resolves symbolic links; npm's own link makes <c>dist/main.js</c> look like <c>amp</c>.</summary>
    public static string FollowLinks(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A broken link is reported as the file that cannot be started. A folder of PATH that cannot be read has no CLI for this user.
            return path;
        }
    }

    /// <summary>Returns whether a file exists. .NET also returns true for a broken link.</summary>
    public static bool Exists(string path)
    {
        FileInfo target = new(FollowLinks(path));
        return target.Exists && target.LinkTarget is null;
    }

    /// <summary>Returns whether the system starts the file with the interpreter that it names.</summary>
    public static bool HasInterpreter(string path) => ReadStart(path).AsSpan().StartsWith("#!"u8);

    public static CliFileKind Classify(string path, bool isWindows)
    {
        if (!Exists(path))
        {
            return CliFileKind.Unusable;
        }

        // Windows ignores dots and spaces at the end of a name, and the text after a colon is a stream of the same file: "amp.cmd. " and
        // "amp.cmd:x" run as batch files too.
        string name = Path.GetFileName(path);
        int colon = isWindows ? name.IndexOf(':', StringComparison.Ordinal) : -1;
        string extension = Path.GetExtension((colon < 0 ? name : name[..colon]).TrimEnd('.', ' ')).ToUpperInvariant();
        switch (extension)
        {
            case ".JS" or ".MJS" or ".CJS":
                return CliFileKind.JavaScript;
            case ".CMD" or ".BAT" or ".PS1":
                return CliFileKind.Shim;
        }

        ReadOnlySpan<byte> start = ReadStart(path);
        if (!start.StartsWith("#!"u8))
        {
            return isWindows && extension != ".EXE" ? CliFileKind.Unusable : CliFileKind.Native;
        }

        int lineEnd = start.IndexOf((byte)'\n');
        if (IsNode(Encoding.UTF8.GetString(lineEnd < 0 ? start : start[..lineEnd])))
        {
            return CliFileKind.JavaScript;
        }

        if (start.IndexOf("basedir="u8) >= 0)
        {
            return CliFileKind.Shim;
        }

        return isWindows ? CliFileKind.Unusable : CliFileKind.Script;
    }

    // "#!/usr/local/bin/node", "#!/usr/bin/env -S node --no-warnings". A path can contain the word and be another program.
    private static bool IsNode(string firstLine)
    {
        string[] words = firstLine[2..].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        string program = Path.GetFileName(words.FirstOrDefault(string.Empty));
        if (program == "env")
        {
            program = Path.GetFileName(words.Skip(1).FirstOrDefault(word => word[0] != '-' && !word.Contains('='), string.Empty));
        }

        return program is "node" or "nodejs";
    }

    private static byte[] ReadStart(string path)
    {
        try
        {
            return BoundedFile.ReadStart(path, BytesRead);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A program can be executable but not readable. The system decides when it is started.
            return [];
        }
    }
}
