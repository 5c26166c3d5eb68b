using System.Text;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>Folders of every kind, and what a run does to each.</summary>
internal static class FolderShapes
{
    private static readonly string[] s_names =
    [
        "new\nline", "-rf", "--all", "ünï cödé 漢字 🎉", "sp ace", "tab\there", "\"quoted\" 'twice'", ":(glob)x", "a*b[1]?", "$HOME `id` ;", "back\\slash", "#hash", ":!x", "name ",
    ];

    private static readonly Dictionary<string, (Func<GitFolder> Make, Action<GitFolder> Harm)> s_all = new(StringComparer.Ordinal)
    {
        ["untracked files"] = (
            () => Committed().Write("new.txt", "untracked").Write("deep/er/new.txt", "below"),
            folder => folder.Write("new.txt", "changed").Write("deep/other.txt", "added")),
        ["deleted files"] = (
            () => Committed(),
            folder =>
            {
                File.Delete(folder["a.txt"]);
                Directory.Delete(folder["sub"], recursive: true);
            }),
        ["deleted before it began"] = (
            () =>
            {
                GitFolder folder = Committed();
                File.Delete(folder["a.txt"]);
                return folder;
            },
            folder => folder.Write("a.txt", "back").Write("b.txt", "new")),
        ["renamed files"] = (
            () => Committed(),
            folder =>
            {
                File.Move(folder["a.txt"], folder["c.txt"]);
                Directory.Move(folder["sub"], folder["bus"]);
            }),
        ["binary files"] = (
            () => Committed().Write("image.bin", [0, 1, 2, 255, 0, 13, 10]),
            folder => folder.Write("image.bin", [0, 9, 13, 10, 13])),
        ["staged and changed again"] = (
            () =>
            {
                GitFolder folder = Committed().Write("a.txt", "staged");
                folder.Git("add", "a.txt");
                return folder.Write("a.txt", "changed after it was staged");
            },
            folder => folder.Write("a.txt", "agent")),
        ["symbolic links"] = (
            () =>
            {
                GitFolder folder = Committed();
                File.CreateSymbolicLink(folder["to-file"], "a.txt");
                File.CreateSymbolicLink(folder["to-nothing"], "/no/such/file");
                Directory.CreateSymbolicLink(folder["to-folder"], "sub");
                return folder;
            },
            folder =>
            {
                File.Delete(folder["to-file"]);
                folder.Write("to-file", "a file now");
                File.Delete(folder["to-nothing"]);

                // Writing below it must not reach what the link names.
                Directory.Delete(folder["sub"], recursive: true);
                Directory.CreateDirectory(Path.Combine(folder.Home, "outside"));
                File.WriteAllText(Path.Combine(folder.Home, "outside", "b.txt"), "of somebody else");
                Directory.CreateSymbolicLink(folder["sub"], Path.Combine(folder.Home, "outside"));
            }),
        ["programs"] = (
            () =>
            {
                GitFolder folder = Committed().Write("run.sh", "#!/bin/sh\n").Write("private.txt", "secret");
                GitFolder.Mode(folder["run.sh"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
                GitFolder.Mode(folder["private.txt"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
                return folder.Commit("programs");
            },
            folder =>
            {
                GitFolder.Mode(folder["run.sh"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
                GitFolder.Mode(folder["a.txt"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
                folder.Write("private.txt", "changed");
            }),
        ["large files"] = (
            () => Committed().Write("large.bin", Random(20_000_000, 1)),
            folder => folder.Write("large.bin", Random(20_000_001, 2))),
        ["names in two cases"] = (
            () => Committed().Write("Readme", "1").Write("README", "2").Write("Dir/x", "3").Write("dir/x", "4"),
            folder =>
            {
                File.Delete(folder["Readme"]);
                folder.Write("dir/x", "5").Write("readme", "6");
            }),
        ["names of every kind"] = (
            () => s_names.Aggregate(Committed(), (folder, name) => folder.Write(name, $"one {name}")).Commit("names").Write("--later", "untracked"),
            folder =>
            {
                foreach (string name in s_names.Take(5))
                {
                    folder.Write(name, "two");
                }

                foreach (string name in s_names.Skip(5))
                {
                    File.Delete(folder[name]);
                }

                folder.Write("-n\new", "three");
            }),
        ["a folder that becomes a file, and the other way round"] = (
            () => Committed(),
            folder =>
            {
                Directory.Delete(folder["sub"], recursive: true);
                folder.Write("sub", "a file now");
                File.Delete(folder["a.txt"]);
                folder.Write("a.txt/inside.txt", "in a folder now");
            }),
        ["a nested repository"] = (
            () => Nested(Committed()),
            folder => folder.Write("a.txt", "changed").Write("sub/new.txt", "new")),
        ["a linked work tree"] = (
            () =>
            {
                GitFolder folder = Committed();
                string linked = Path.Combine(folder.Home, "linked");
                folder.Git("worktree", "add", "-q", "-b", "other", linked);
                folder.Root = folder.WorkingDirectory = linked;
                return folder.Write("only-here.txt", "here");
            },
            folder => folder.Write("only-here.txt", "changed").Write("a.txt", "changed")),
        ["a sparse checkout"] = (
            () =>
            {
                GitFolder folder = Committed().Write("other/e.txt", "four\n").Commit();
                folder.Git("sparse-checkout", "init", "--cone");
                folder.Git("sparse-checkout", "set", "other");
                Assert.False(File.Exists(folder["sub/b.txt"]));
                return folder;
            },
            folder => folder.Write("other/e.txt", "changed").Write("sub/b.txt", "of the agent")),
        ["a detached HEAD"] = (
            () =>
            {
                GitFolder folder = Committed().Write("a.txt", "second").Commit("second");
                folder.Git("checkout", "-q", "--detach", "HEAD~1");
                return folder;
            },
            folder => folder.Write("a.txt", "changed")),
        ["a merge in progress"] = (
            () =>
            {
                GitFolder folder = Committed();
                folder.Git("checkout", "-q", "-b", "side");
                folder.Write("a.txt", "side").Commit("side");
                folder.Git("checkout", "-q", "main");
                folder.Write("a.txt", "main").Commit("main");
                Assert.Throws<InvalidOperationException>(() => folder.Git("-c", "user.name=T", "-c", "user.email=t@localhost", "merge", "side"));
                return folder;
            },
            folder => folder.Write("a.txt", "resolved").Write("b.txt", "new")),
        ["a stash and a reflog"] = (
            () =>
            {
                GitFolder folder = Committed().Write("a.txt", "stashed");
                folder.Git("-c", "user.name=T", "-c", "user.email=t@localhost", "stash");
                return folder;
            },
            folder => folder.Write("a.txt", "changed")),
        ["a repository without a commit"] = (
            () => new GitFolder().Write("first.txt", "first"),
            folder => folder.Write("first.txt", "changed").Write("second.txt", "second")),
        ["a repository with SHA-256"] = (
            () => new GitFolder(true, "--object-format=sha256").Write("a.txt", "one").Commit().Write("b.txt", "two"),
            folder => folder.Write("a.txt", "changed").Write("c.txt", "new")),
        ["a folder without files"] = (
            () => new GitFolder(),
            folder => folder.Write("first.txt", "first")),
        ["conversions of every kind"] = (
            () =>
            {
                GitFolder folder = new GitFolder().Write(
                    ".gitattributes", "*.txt text=auto\n*.crlf text eol=crlf\n*.lf text eol=lf\n*.id ident\n*.utf16 working-tree-encoding=UTF-16\n*.up filter=upper\n*.m -diff\n");
                folder.Git("config", "core.autocrlf", "true");
                folder.Git("config", "core.safecrlf", "true");
                folder.Git("config", "filter.upper.clean", $"touch '{folder.Home}/filter-ran'; tr a-z A-Z");
                folder.Git("config", "filter.upper.smudge", $"touch '{folder.Home}/filter-ran'; tr A-Z a-z");
                folder.Git("config", "filter.upper.required", "true");
                return folder.Write("a.txt", "one\r\ntwo\nthree\r").Write("b.crlf", "one\ntwo\r\n").Write("c.lf", "one\r\ntwo\n").Write("d.id", "$Id$ $Id: x $")
                    .Write("e.utf16", Encoding.Unicode.GetBytes("no mark")).Write("f.up", "MiXed").Write("g.m", "text\n");
            },
            folder =>
            {
                foreach (string name in (string[])["a.txt", "b.crlf", "c.lf", "d.id", "e.utf16", "f.up", "g.m"])
                {
                    File.Delete(folder[name]);
                }
            }),
        ["no repository"] = (
            () => new GitFolder(isRepository: false).Write("a.txt", "one").Write("sub/b.txt", "two").Write(".gitignore", "*.log\n").Write("x.log", "ignored"),
            folder =>
            {
                File.Delete(folder["a.txt"]);
                folder.Write("sub/b.txt", "changed").Write("c.txt", "new");
            }),
    };

    public static TheoryData<string> Names => [.. s_all.Keys];

    public static GitFolder Make(string name) => s_all[name].Make();

    public static void Harm(string name, GitFolder folder) => s_all[name].Harm(folder);

    /// <summary>A repository with a few files that are committed.</summary>
    public static GitFolder Committed() => new GitFolder().Write("a.txt", "one\n").Write("sub/b.txt", "two\n").Write("sub/c/d.txt", "three\n").Commit();

    public static GitFolder Nested(GitFolder folder)
    {
        Directory.CreateDirectory(folder["nested"]);
        folder.GitIn(folder["nested"], "init", "-q");
        folder.Write("nested/inner.txt", "inner");
        folder.GitIn(folder["nested"], "add", "-A");
        folder.GitIn(folder["nested"], "-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "-q", "-m", "inner");
        return folder;
    }

    private static byte[] Random(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
