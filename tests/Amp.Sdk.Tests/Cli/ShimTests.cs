using System.Runtime.Versioning;
using Amp.Cli;
using Amp.Clients.Cli;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Cli;

[UnsupportedOSPlatform("windows")]
public sealed class ShimTests
{
    private const string NodeTarget = "node_modules/@sourcegraph/amp/dist/main.js";
    private const string NativeTarget = "node_modules/@ampcode/cli/bin/amp.exe";

    public static TheoryData<string, string> NodeShims => new()
    {
        { "amp", ShimTexts.PosixNode(NodeTarget) },
        { "amp", ShimTexts.PnpmPosixNode(NodeTarget) },
        { "amp.cmd", ShimTexts.CommandNode(NodeTarget) },
        { "amp.ps1", ShimTexts.PowerShellNode(NodeTarget) },
        { "amp.bat", "@\"%~dp0\\" + NodeTarget.Replace('/', '\\') + "\" %*\r\n" },
    };

    public static TheoryData<string, string> NativeShims => new()
    {
        { "amp", ShimTexts.PosixNative(NativeTarget) },
        { "amp.cmd", ShimTexts.CommandNative(NativeTarget) },
        { "amp.ps1", ShimTexts.PowerShellNative(NativeTarget) },
    };

    [Theory]
    [MemberData(nameof(NodeShims))]
    public void A_shim_of_a_JavaScript_CLI_is_read_and_not_run(string name, string text)
    {
        foreach (bool isWindows in new[] { true, false })
        {
            using CliFolder folder = new();
            string node = folder.File(isWindows ? "bin/node.exe" : "bin/node", "MZ");
            string script = folder.File($"bin/{NodeTarget}", "#!/usr/bin/env node\n");
            string shim = folder.File($"bin/{name}", text);
            CliProgram program = folder.Find(shim, isWindows);
            Assert.Equal((shim, node, script, CliForm.Node), (program.Path, program.FileName, program.Script, program.Form));
        }
    }

    [Theory]
    [MemberData(nameof(NativeShims))]
    public void A_shim_of_a_native_CLI_is_read_and_not_run(string name, string text)
    {
        foreach (bool isWindows in new[] { true, false })
        {
            using CliFolder folder = new();
            string program = folder.File($"bin/{NativeTarget}", "MZ");
            folder.File(isWindows ? "bin/node.exe" : "bin/node", "MZ");
            CliProgram found = folder.Find(folder.File($"bin/{name}", text), isWindows);
            Assert.Equal((program, null, CliForm.Native), (found.FileName, found.Script, found.Form));
        }
    }

    [Fact]
    public void A_shim_that_cannot_be_read_leads_nowhere()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root can read everything.");
        using CliFolder folder = new();
        string shim = folder.File("bin/amp.cmd", ShimTexts.CommandNative(NativeTarget));
        File.SetUnixFileMode(shim, UnixFileMode.None);
        Assert.Null(CliShim.ReadTarget(shim));
    }

    [Fact]
    public void On_Windows_an_npm_that_is_a_program_is_started_as_it_is()
    {
        using CliFolder folder = new();
        string npm = folder.File("bin/npm.exe", "MZ");
        CliProgram program = NpmProgram.Find(new CliLocator(folder.Environment, folder.Project, isWindows: true), isWindows: true);
        Assert.Equal((npm, null), (program.FileName, program.Script));
    }

    [Fact]
    public void On_Windows_the_shim_that_npm_installs_is_found_on_the_search_path()
    {
        using CliFolder folder = new();
        string program = folder.File($"bin/{NativeTarget}", "MZ");
        folder.File("bin/amp", ShimTexts.PosixNative(NativeTarget));
        folder.File("bin/amp.ps1", ShimTexts.PowerShellNative(NativeTarget));
        string shim = folder.File("bin/amp.cmd", ShimTexts.CommandNative(NativeTarget));
        CliProgram found = folder.Find(isWindows: true);
        Assert.Equal((shim, program), (found.Path, found.FileName));
    }

    [Fact]
    public void A_folder_whose_name_looks_like_a_program_does_not_lead_astray()
    {
        const string Target = "node_modules/amp.js/dist.exe/main.js";
        using CliFolder folder = new();
        folder.Node();
        folder.Environment["PATH"] = folder.PathOf("node");
        string script = folder.File($"bin/{Target}");
        Assert.Equal(script, folder.Find(folder.File("bin/amp", ShimTexts.PosixNode(Target))).Script);
    }

    [Theory]
    [InlineData("amp.cmd")]
    [InlineData("amp.ps1")]
    public void A_shim_whose_program_is_gone_is_refused(string name)
    {
        using CliFolder folder = new();
        string text = name == "amp.cmd" ? ShimTexts.CommandNode(NodeTarget) : ShimTexts.PowerShellNode(NodeTarget);
        AmpCliNotFoundException error = folder.FindNothing(folder.File($"bin/{name}", text), isWindows: true);
        Assert.Contains("could not be determined", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shim_that_starts_another_shim_is_refused()
    {
        using CliFolder folder = new();
        folder.File("bin/inner.exe", "#!/bin/sh\nbasedir=x\n");
        folder.FindNothing(folder.File("bin/amp.cmd", ShimTexts.CommandNative("inner.exe")), isWindows: true);
    }

    [Fact]
    public void A_script_that_is_too_long_for_a_shim_is_refused()
    {
        using CliFolder folder = new();
        folder.File($"bin/{NodeTarget}");
        folder.FindNothing(folder.File("bin/amp.cmd", new string(' ', 70_000) + ShimTexts.CommandNode(NodeTarget)), isWindows: true);
    }
}
