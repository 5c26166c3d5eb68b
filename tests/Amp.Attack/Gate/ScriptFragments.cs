namespace Amp.Attack.Gate;

/// <summary>What an attacker would put into a script: each would run, write, load or leave something that leaves a trace.</summary>
internal static class ScriptFragments
{
    public static readonly string[] Attacks =
    [
        ".ScriptBlock", ".ScriptBlock.Invoke()", ".Invoke()", ".InvokeReturnAsIs()", ".GetNewClosure()", ".Module", ".Definition", ".ScriptContents", ".PSObject.Methods",
        "(Get-Command Add-Reached)", "(Get-Command Add-Reached).ScriptBlock", "(Get-Command ./Evil.ps1).ScriptBlock", "(Get-Command Evil.ps1).ScriptBlock", "Get-Command ./Evil.psm1\\Add-Evil",
        "(Get-Sample -Code)", "(Get-Sample -Path)", "Get-Sample -Code", "Get-Sample -Code | ForEach-Object { $_ }", "-FilterScript (Get-Command Add-Reached).ScriptBlock",
        "-FilterScript (Get-Sample -Code)", "-Process (Get-Sample -Code)", "-Property (Get-Sample -Code)", "-Value { Add-Reached }", "-Value (Get-Sample -Code)", "-MemberName Invoke",
        "-MemberName ScriptBlock", "-Parallel { Add-Reached }", "-RemainingScripts (Get-Sample -Code)", "-ArgumentList ./Evil.ps1", "-OutVariable global:Reached", "-ov global:Reached",
        "-PipelineVariable p", "-ErrorAction Inquire", "-AsJob", "-WhatIf:$false", "-Confirm:$false", "-wh:0", "-cf:$false", "-Variable global:Reached", "-FilePath ./written.txt",
        "@{ n = 'x'; e = (Get-Sample -Code) }", "@{ n = 'x'; e = { Add-Reached } }", "@{ e = { Remove-Item ./keep.txt } }", "@{ WhatIf = $false }", "@{ Path = './keep.txt'; WhatIf = $false }",
        "{ Add-Reached }", "{ Remove-Item ./keep.txt }", "$(Add-Reached)", "\"$(Add-Reached)\"", "\"$(\"$(Add-Reached)\")\"", "\"\"$(Remove-Item ./keep.txt)\"\"", "\"`$(Add-Reached)\"",
        "Add-Reached", "Add-Reached | ", "; Add-Reached", "& Add-Reached", "& { Add-Reached }", ". Add-Reached", ". ./Evil.ps1", "& ./Evil.ps1", "./Evil.ps1", "./Evil.psm1\\Add-Evil", "Evil\\Add-Evil",
        "Remove-Item ./keep.txt", "Remove-Item OUTSIDE/keep.txt -Recurse", "'./keep.txt' | Remove-Item", "ri ./keep.txt", "Remove-Sample", "Set-Sample", "Set-Sample 1", "Update-Sample", "Microsoft.PowerShell.Management\\Remove-Item ./keep.txt",
        "Set-Content OUTSIDE/written.txt 1", "Out-File ./written.txt", "Tee-Object -FilePath ./written.txt", "Tee-Object -Variable global:Reached", "New-Item ./written.txt", "Start-Job { 1 }",
        "Start-Process sleep 60", "Start-Sleep 60", "Start-ThreadJob { 1 }", "Invoke-Expression 'Add-Reached'", "Invoke-Command { Add-Reached }", "Invoke-CallerCommand Add-Reached @()",
        "Invoke-RestMethod http://127.0.0.1:9 -OutFile ./written.txt", "Register-EngineEvent PowerShell.Exiting -Action { Add-Reached }", "Import-Module ./Evil.psm1", "Add-Type 'public class Evil {}'",
        "[scriptblock]::Create('Add-Reached').Invoke()", "[scriptblock]'Add-Reached'", "-as [scriptblock]", "[IO.File]::WriteAllText('OUTSIDE/written.txt', '1')", "[powershell]::Create()", "[ref]", "-is [int]",
        "using module ./Evil.psm1", "using module OUTSIDE/Evil.psm1", "#Requires -Modules OUTSIDE/Evil.psm1", "configuration Foo { }", "configuration Foo { Node x { File f { } } }", "class Evil { }", "enum Evil { a }", "workflow w { }",
        "function Get-Sample { Add-Reached }", "filter f { $_ }", "param($x = (Add-Reached))", "begin { Add-Reached }", "end { Add-Reached }", "clean { Add-Reached }", "dynamicparam { Add-Reached }", "trap { Add-Reached }", "data { Add-Reached }",
        "try { 1 } finally { Add-Reached }", "while (1) { Add-Reached; break }", "foreach ($x in 1) { Add-Reached }", "switch (1) { 1 { Add-Reached } }", "do { Add-Reached } while (0)", "throw (Add-Reached)", "return Add-Reached", "exit 1",
        "$x = 1", "$global:Reached = 1", "$_ = Add-Reached", "$_.Name = 'x'", "$_++", "$null = Add-Reached", "${function:Get-Sample}", "$function:Add-Reached", "$env:PATH", "${env:HOME}", "$ExecutionContext.InvokeCommand", "$PSCmdlet", "$MyInvocation",
        "$input", "$args", "$this", "@_", "@args", "$PSItem.ScriptBlock", "$_.ScriptBlock", "$_.Invoke()", "$_['ScriptBlock']", "$(Get-Sample -Code)", "(Get-Item function:Add-Reached)", "Get-Item function:Add-Reached", "Get-ChildItem function:", "Get-ChildItem variable:",
        "(Get-Command Get-Sample).Module.SessionState", "Get-Variable", "Get-Module ./Evil.psm1 -ListAvailable", "Get-Help ./Evil.ps1", "Get-Alias -Definition *", "-FullyQualifiedModule @{ ModuleName = './Evil.psm1'; ModuleVersion = '0.0' }",
        " &", " & ", "&&", "||", " && Add-Reached", " || Add-Reached", "> ./written.txt", ">> OUTSIDE/written.txt", "2> ./written.txt", "*> ./written.txt", "2>&1", "3>&1", "*>&1", "< ./keep.txt", "--%", "-- ", "-:", "@'\nAdd-Reached\n'@", "@\"\n$(Add-Reached)\n\"@",
        "# Add-Reached\n", "<# Add-Reached #>", "`", "`n", "`u{0041}", "`0", "'", "\"", "''", "\"\"", "'@", "@'", "\"@", "@\"", "{", "}", "(", ")", "$(", "@(", "@{", "[", "]", "::", "..", "1..3", "* 2", "? :", "??", "?.Name", "?[0]", ",", ";", "|", "!", "$$", "$^", "$?",
    ];

    public static readonly string[] Quotes = ["'", "\"", "\u2018", "\u2019", "\u201A", "\u201B", "\u201C", "\u201D", "\u201E", "`\"", "`'", "''", "\"\""];

    public static readonly string[] Dashes = ["-", "\u2013", "\u2014", "\u2015", "/", "--"];

    public static readonly string[] Blanks = [" ", "\t", "\n", "\r", "\r\n", "\u00A0", "\u0085", "\u2028", "\u200B", "\u3000", "\uFEFF", "\0", "\v", "`\n", "`\r\n", ""];

    public static readonly string[] Prefixes = ["& ", ". ", "!", "-not ", "-join ", ", ", "-split ", "[void] ", "$x = ", "$_ = ", "+", "-", "++", "~", "@", "$", "# ", "<#", "using namespace System; ", "#Requires -Version 7\n"];

    public static readonly string[] Suffixes = [" &", "&", " & 1", "; 1", "\n1", " | Out-Null", " | Add-Reached", " > ./written.txt", " *> OUTSIDE/written.txt", " 2>&1", " 3>&1 | Get-Member", " && 1", " || 1", " #", " `", "\0", ";", ";;", " |", ".ScriptBlock", "[0]", "?.x", "++", " -AsJob", " -WhatIf:0"];

    // %s is the script; most of these are allowed where the script is.
    public static readonly string[] Frames =
    [
        "\"$(%s)\"", "\"a$(%s)b\"", "\"$(\"$(%s)\")\"", "(%s)", "@(%s)", "$(%s)", "{ %s }", "if (1) { %s }", "if (%s) { 1 } else { 2 }", "Get-Sample | Where-Object { %s }", "Get-Sample | ForEach-Object { %s }",
        "Get-Sample | Select-Object @{ n = 'a'; e = { %s } }", "Get-Sample | Sort-Object { %s }", "Get-Sample | Group-Object { %s }", "Get-Sample -Value (%s)", "Get-Sample -Value @(%s), 1", "Write-Output (%s)", "%s | Get-Sample", "%s | Where-Object { $_ }",
        "%s | ForEach-Object { $_ }", "%s | Remove-Item", "%s | Remove-Sample", "@{ a = %s }", "@{ a = %s } | Get-Sample", "1 | Where-Object -FilterScript (%s)", "1 | ForEach-Object -Process (%s)", "1 | Select-Object (%s)", "Get-Command (%s)", "%s; %s", "@\"\n$(%s)\n\"@",
        "& (%s)", ". (%s)", "& { %s }", "Remove-Item (%s)", "Get-Sample | Select-Object @{ n = 'a'; e = (%s) }", "1 | Measure-Object -Property { %s }", "Compare-Object 1 2 -Property { %s }", "1 | Format-Table @{ e = { %s } }", "%s -join ','", "(%s).Name", "(%s)[0]", "-join (%s)",
    ];
}
