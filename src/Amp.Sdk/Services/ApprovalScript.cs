using System.Text;

namespace Amp.Services;

/// <summary>
/// A script that passes a question of the CLI to the session and returns the answer. It exits with 0 for a yes and with 2 for everything
/// else, because 1 would make the CLI ask someone else. Its standard error goes to the model. It always reads its whole input, because the
/// CLI does not expect a broken pipe.
/// </summary>
/// <param name="Name">The kind of script, which is also its file name.</param>
/// <param name="Interpreter">The full path of the program that runs it.</param>
/// <param name="Arguments">The arguments before the path of the script.</param>
/// <param name="Text">The script, including the channel's secrets.</param>
internal sealed record ApprovalScript(string Name, string Interpreter, IReadOnlyList<string> Arguments, string Text)
{
    /// <summary>The variables with which the CLI describes a call.</summary>
    public static readonly IReadOnlyList<string> CallVariables = ["AGENT_TOOL_NAME", "AGENT_TOOL_USE_ID", "AMP_THREAD_ID"];

    /// <summary>
    /// A script for bash, which can connect without another program if it was built with that feature: a few milliseconds. The first folders
    /// of <c>PATH</c> may be the project's, whose <c>cat</c> could ask another question.
    /// </summary>
    public static ApprovalScript ForBash(string bash, int port, ApprovalKeys keys) => new("approve.bash", bash, ["--noprofile", "--norc"], $$"""
        PATH=/usr/bin:/bin${PATH:+:$PATH}
        reject() { cat >/dev/null; exit 2; }
        { exec 3<>/dev/tcp/127.0.0.1/{{port}}; } 2>/dev/null || reject
        { printf '%s\0' '{{keys.Question}}' "$AGENT_TOOL_NAME" "$AGENT_TOOL_USE_ID" "$AMP_THREAD_ID" >&3 && cat >&3 && printf '\0' >&3; } 2>/dev/null || reject
        IFS= read -r answer <&3 || exit 2
        [ "$answer" = '{{keys.Consent}}' ] && exit 0
        [ "$answer" = no ] && cat <&3 >&2
        exit 2

        """);

    /// <summary>A script for Node.js, which exists with a CLI that requires it: about 50 ms.</summary>
    public static ApprovalScript ForNode(string node, int port, ApprovalKeys keys) => new("approve.js", node, [], $$"""
        process.on('uncaughtException', () => process.exit(2));
        const reject = () => {
            if (process.stdin.readableEnded) process.exit(2);
            process.stdin.removeAllListeners('data').on('end', () => process.exit(2)).resume();
        };
        const call = ['AGENT_TOOL_NAME', 'AGENT_TOOL_USE_ID', 'AMP_THREAD_ID'].map(name => process.env[name] ?? '');
        const socket = require('net').connect({{port}}, '127.0.0.1');
        let answer = '';
        socket.setEncoding('utf8');
        socket.on('connect', () => {
            socket.write(['{{keys.Question}}', ...call, ''].join('\0'));
            process.stdin.on('data', data => socket.write(data));
            process.stdin.on('end', () => socket.write('\0'));
        });
        socket.on('data', data => { answer += data; });
        socket.on('error', reject);
        socket.on('end', () => {
            if (answer === '{{keys.Consent}}\n') process.exit(0);
            if (!answer.startsWith('no\n')) return reject();
            process.stderr.write(answer.slice(3), () => process.exit(2));
        });

        """);

    /// <summary>A script for the PowerShell of this process: about 300 ms.</summary>
    public static ApprovalScript ForPowerShell(string powerShell, int port, ApprovalKeys keys) =>
        new("approve.ps1", powerShell, ["-NoProfile", "-NonInteractive", "-File"], $$"""
        try {
            $stream = [System.Net.Sockets.TcpClient]::new('127.0.0.1', {{port}}).GetStream()
            $call = '{{keys.Question}}', $env:AGENT_TOOL_NAME, $env:AGENT_TOOL_USE_ID, $env:AMP_THREAD_ID, '' -join "`0"
            $stream.Write([System.Text.Encoding]::UTF8.GetBytes($call))
            [System.Console]::OpenStandardInput().CopyTo($stream)
            $stream.WriteByte(0)
            $answer = [System.IO.StreamReader]::new($stream).ReadToEnd()
            if ($answer -ceq "{{keys.Consent}}`n") { exit 0 }
            if ($answer.StartsWith("no`n", [System.StringComparison]::Ordinal)) { [System.Console]::Error.Write($answer.Substring(3)) }
        } catch { }
        [System.Console]::OpenStandardInput().CopyTo([System.IO.Stream]::Null)
        exit 2

        """);

    /// <summary>The name of the program on another machine, which is a script for a POSIX shell.</summary>
    public const string RelayedName = "approve";

    /// <summary>Gets the program for another machine, which asks over the connection of the run.</summary>
    /// <param name="connect">The lines that connect it: it writes to descriptor 3 and reads from descriptor 4.</param>
    /// <param name="keys">The secrets of the channel.</param>
    public static string OnRelay(string connect, ApprovalKeys keys) => $$"""
        code=2
        trap '[ "$code" = 0 ] || cat >/dev/null 2>&1; exit "$code"' EXIT
        trap '' PIPE
        {{connect}}
        { printf '%s\0' '{{keys.Question}}' "$AGENT_TOOL_NAME" "$AGENT_TOOL_USE_ID" "$AMP_THREAD_ID" && cat && printf '\0'; } >&3 2>/dev/null || exit
        IFS= read -r answer <&4 || exit
        [ "$answer" != '{{keys.Consent}}' ] || code=0
        [ "$answer" != no ] || cat <&4 >&2
        exit
        """;

    /// <summary>
    /// The program that the CLI starts. The CLI accepts only its path, gives it its own variables, including the key, and waits for it.
    /// This program passes only the listed variables to the script.
    /// </summary>
    /// <param name="folder">The folder of the script.</param>
    public string Starter(string folder)
    {
        // With the mark of the run, the end of the run finds the script; the others are required for programs to start.
        string[] variables = [.. CallVariables, Processes.RunMark.VariableName, "HOME", "PATH", "LD_LIBRARY_PATH", "DOTNET_ROOT", "TMPDIR", "LANG"];
        StringBuilder text = new("#!/bin/sh\nexec /usr/bin/env -i");
        foreach (string variable in variables)
        {
            text.Append($" ${{{variable}+\"{variable}=${variable}\"}}");
        }

        foreach (string word in (string[])[Interpreter, .. Arguments, Path.Combine(folder, Name)])
        {
            text.Append(" '").Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }

        return text.Append("\nexit 2\n").ToString();
    }
}
