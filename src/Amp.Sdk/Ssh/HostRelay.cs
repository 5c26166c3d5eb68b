using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Amp.Processes;

namespace Amp.Ssh;

/// <summary>
/// Conversations of programs on a host with this process, over the connection of the run. A script on the host (RelayScript.sh) passes on what they write, and
/// the script of the run gives them what is sent to them.
/// </summary>
internal sealed partial class HostRelay : RunRelay
{
    private const string Resource = "Amp.Ssh.RelayScript.sh";
    private const string ScriptName = "relay";

    // More than a CLI has at once, with all servers and questions.
    private const int MostOpen = 256;

    // What programs can write before somebody reads it, all together. Questions and servers are read at once, so it is only for those that flood.
    private const long MostHeld = 80L * 1024 * 1024;

    private static readonly string s_script = StartScript.Read(Resource);

    private readonly SshLink _link;
    private readonly HostReport _report;
    private readonly List<PrivateFile> _files;
    private readonly Dictionary<string, Func<RelayStream, Task>> _programs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HostConversation> _open = new(StringComparer.Ordinal);
    private byte[]? _word;
    private long _held;
    private volatile bool _isEnded;

    /// <param name="link">The connection.</param>
    /// <param name="report">What is known of the host.</param>
    /// <param name="files">The files that are sent to the host before the CLI starts.</param>
    public HostRelay(SshLink link, HostReport report, List<PrivateFile> files) => (_link, _report, _files) = (link, report, files);

    /// <summary>
    /// Begins the lines of the script that passes on what programs say. The script is a file, which the agent can read, so these lines mean nothing else: the
    /// marker of the connection is in no file.
    /// </summary>
    public string Marker { get; } = SshLink.NewMarker();

    /// <summary>Begins a line with the marker.</summary>
    public byte[] Word => _word ??= HostErrors.WordOf(Marker);

    /// <inheritdoc/>
    public override string WorkingDirectory => _report["folder"];

    /// <inheritdoc/>
    public override string Add(string name, Func<string, string> text, Func<RelayStream, Task> converse)
    {
        string folder = _report["private"];
        if (_programs.Count == 0)
        {
            _files.Add(new PrivateFile(ScriptName, Encoding.UTF8.GetBytes(
                $"m={SshArguments.Quote(Marker)}\nd={SshArguments.Quote(folder)}\n{s_script}")));
        }

        _programs.Add(name, converse);
        _files.Add(new PrivateFile(name, Encoding.UTF8.GetBytes($"#!/bin/sh\n{text(Connect(name, folder))}\n".ReplaceLineEndings("\n")), IsProgram: true));
        return $"{folder}/{name}";
    }

    /// <summary>A program has been started.</summary>
    public void Open(string id, string name)
    {
        if (!IdPattern().IsMatch(id))
        {
            // Only what is not of the script has such an ID, and it must not become a part of a line.
            return;
        }

        HostConversation conversation = new(_link, id, Hold);
        if (_isEnded || _open.Count >= MostOpen || !_programs.TryGetValue(name, out Func<RelayStream, Task>? converse) || !_open.TryAdd(id, conversation))
        {
            _ = _link.SendAsync($"shut {id}");
            return;
        }

        if (_isEnded)
        {
            conversation.Complete();
        }

        _ = Task.Run(() => ConverseAsync(conversation, converse));
    }

    /// <summary>The host has no space for what programs say. They would wait forever, so the run ends.</summary>
    public void Stop()
    {
        End();
        _ = _link.SendAsync("kill");
    }

    /// <summary>A program has written something.</summary>
    public void Receive(string id, byte[] content)
    {
        if (_open.TryGetValue(id, out HostConversation? conversation) && !conversation.Receive(content))
        {
            Close(id);
        }
    }

    /// <summary>A program has exited.</summary>
    public void Close(string id)
    {
        if (_open.TryRemove(id, out HostConversation? conversation))
        {
            conversation.Complete();
        }
    }

    /// <summary>Nothing will come from the host anymore.</summary>
    public void End()
    {
        _isEnded = true;
        foreach (string id in _open.Keys)
        {
            Close(id);
        }
    }

    private static async Task ConverseAsync(HostConversation conversation, Func<RelayStream, Task> converse)
    {
        try
        {
            await converse(conversation).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever it was, the program there must not wait forever; without an answer, nothing is allowed.
        }

        conversation.Release();
        try
        {
            await conversation.EndAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended.
        }
    }

    private bool Hold(int more) => Interlocked.Add(ref _held, more) <= MostHeld;

    // A CLI gives a server few of its variables, and works in the folder of the project, whose programs are not for us. With the mark of the run, the end of
    // the run finds the program; the key of the CLI is not for what it starts. A pipe that is opened for both directions does not wait for the other side, so
    // that a program that is killed at any time holds up nobody; the first line says that the other side has opened its ends.
    private string Connect(string name, string folder) => $$"""
        PATH=/usr/bin:/bin${PATH:+:$PATH}
        AMP_SDK_RUN_ID={{SshArguments.Quote(_report["mark"])}}
        export PATH AMP_SDK_RUN_ID
        unset AMP_API_KEY
        umask 077
        d={{SshArguments.Quote(folder)}}
        n=$$
        until mkfifo "$d/$n.up" 2>/dev/null; do
          [ -p "$d/calls" ] && [ "${#n}" -lt 13 ] || exit
          n=$n.1
        done
        mkfifo "$d/$n.down" && [ -p "$d/calls" ] || exit
        (exec 3<>"$d/$n.up" 4<>"$d/$n.down") 2>/dev/null || exit
        exec 3<>"$d/$n.up" 4<>"$d/$n.down"
        echo "$n {{name}}" >"$d/calls"
        read -r x <&4 && [ "$x" = open ] && [ -p "$d/$n.up" ] && [ -p "$d/$n.down" ] || exit
        exec 3>"$d/$n.up" 4<"$d/$n.down"
        rm -f "$d/$n.up" "$d/$n.down"
        """;

    // It becomes a part of a line, and of the name of a file on the host.
    [GeneratedRegex(@"^[0-9][0-9.]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
