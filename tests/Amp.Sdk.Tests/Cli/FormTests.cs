using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Cli;

/// <summary>What a file is and how it is started therefore.</summary>
public sealed class FormTests
{
    [Theory]
    [InlineData("main.js", "")]
    [InlineData("main.mjs", "")]
    [InlineData("amp", "#!/usr/bin/env -S node --no-warnings\nimport{a}from\"b\"")]
    [InlineData("amp", "#!/usr/bin/env node\n")]
    [InlineData("amp", "#!/usr/local/bin/node\n")]
    [InlineData("amp", "#! /usr/bin/nodejs --x\n")]
    public void JavaScript_is_started_by_node(string name, string content)
    {
        using CliFolder folder = new();
        string node = folder.Node();
        folder.Environment["PATH"] = folder.PathOf("node");
        string file = folder.File($"given/{name}", content, isExecutable: false);
        CliProgram program = folder.Find(file);
        Assert.Equal((node, file, file, CliForm.Node), (program.FileName, program.Script, program.Target, program.Form));
    }

    [Fact]
    public void The_link_that_npm_makes_leads_to_the_JavaScript_behind_it()
    {
        using CliFolder folder = new();
        string node = folder.Node();
        string script = folder.File("lib/node_modules/@sourcegraph/amp/dist/main.js", "#!/usr/bin/env node\n");
        string link = folder.Link("bin/amp", "../lib/node_modules/@sourcegraph/amp/dist/main.js");
        folder.Environment["PATH"] = $"{folder.PathOf("bin")}:{folder.PathOf("node")}";
        CliProgram program = folder.Find();
        Assert.Equal((link, node, script), (program.Path, program.FileName, program.Script));
    }

    [Fact]
    public void Without_node_a_JavaScript_CLI_says_so()
    {
        using CliFolder folder = new();
        folder.File("project/node");
        folder.Environment["PATH"] = $".:{folder.Project}";
        AmpCliNotFoundException error = folder.FindNothing(folder.File("given/main.js"));
        Assert.Contains("Node.js was not found", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!/bin/sh\nexec /opt/amp \"$@\"\n")]
    [InlineData("#!/usr/bin/env bash\n")]
    [InlineData("#!/usr/bin/python3")]
    [InlineData("#!/home/node/bin/bash\nexec amp\n")]
    [InlineData("#!/opt/node-tools/bin/python\n")]
    [InlineData("#!/usr/bin/env -S FOO=node bash\n")]
    [InlineData("#!/bin/sh\nbasedir=$(dirname \"$0\")\nexec \"$basedir/amp-real\" \"$@\"\n")]
    public void A_wrapper_of_the_user_is_started_as_it_is(string content)
    {
        using CliFolder folder = new();
        string file = folder.File("bin/amp", content);
        CliProgram program = folder.Find();
        Assert.Equal((file, null, CliForm.Script), (program.FileName, program.Script, program.Form));
    }

    [Fact]
    public void A_program_that_goes_by_its_own_name_is_started_by_the_link_that_was_found()
    {
        using CliFolder folder = new();
        folder.File("manager/shim");
        string link = folder.Link("bin/amp", folder.PathOf("manager/shim"));
        CliProgram program = folder.Find();
        Assert.Equal((link, CliForm.Native), (program.FileName, program.Form));
    }

    [Theory]
    [InlineData("amp.exe", "MZ", CliForm.Native)]
    [InlineData("AMP.EXE", "MZ", CliForm.Native)]
    public void On_Windows_a_program_is_an_exe(string name, string content, CliForm form)
    {
        using CliFolder folder = new();
        Assert.Equal(form, folder.Find(folder.File($"given/{name}", content), isWindows: true).Form);
    }

    [Theory]
    [InlineData("amp", "MZ")]
    [InlineData("amp.com", "MZ")]
    [InlineData("amp", "#!/bin/sh\nexec x\n")]
    [InlineData("amp.cmd", "@echo off\r\namp-real %*\r\n")]
    [InlineData("amp.cmd:stream", "@echo off\r\n")]
    [InlineData("amp.CMD::$DATA", "@echo off\r\n")]
    [InlineData("amp.cmd. ", "@echo off\r\n")]
    [InlineData("amp.bat . .", "@echo off\r\n")]
    [InlineData("amp.ps1", "& amp-real @args\r\n")]
    [InlineData("amp.exe.cmd", "@echo off\r\n")]
    public void On_Windows_nothing_else_is_ever_started(string name, string content)
    {
        if (OperatingSystem.IsWindows() && name != Path.GetFileName(Path.GetFullPath(name)))
        {
            Assert.Skip("No file of that name can be made here.");
        }

        using CliFolder folder = new();
        string file = folder.File($"given/{name}", content);
        folder.FindNothing(file, isWindows: true);
    }

    [Fact]
    public void On_Windows_an_exe_wins_over_the_shims_beside_it()
    {
        using CliFolder folder = new();
        folder.File("bin/amp.cmd", "@echo off\r\n");
        folder.File("bin/amp", "#!/bin/sh\n");
        string program = folder.File("bin/amp.exe", "MZ");
        folder.Environment["PATH"] = $"\"{folder.PathOf("none")}\";\"{folder.PathOf("bin")}\"";
        Assert.Equal(program, folder.Find(isWindows: true).FileName);
    }
}
