#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli

    # Each would set $script:reached, call a command that is not allowed, or reach what the caller has not given.
    $refused = @(
        'Add-Reached', '& Add-Reached', '& "Add-Reached"', '. Add-Reached', '& { Add-Reached }', '. { Add-Reached }', 'Add-Reach*', '$x = 1', '$script:reached = 1'
        'Get-Date; Add-Reached', 'Get-Date | Add-Reached', 'Get-Date && Add-Reached', '"$(Add-Reached)"', '@(Add-Reached)', '@{ a = Add-Reached }', '(Add-Reached)'
        'if (Add-Reached) { 1 }', 'if (1) { Add-Reached }', 'Get-Date | ForEach-Object { Add-Reached }', 'Get-Date | ForEach-Object { @{ a = { Add-Reached } } }'
        '1 | ForEach-Object Reached', '1 | ForEach-Object -MemberName Reached', '1 | ForEach-Object ("To" + "String")', '1 | % ToString', '1 | ForEach-Object -Parallel { 1 }'
        '1 | ForEach-Object -Process:ToString', 'Get-Sample.Kill()', '(Get-Date).ToString()', '[Environment]::Exit(3)', '[datetime]::Now', '[wmi]"x"', '"x" -as [type]'
        '1 -is [int]', '(Get-Date).("Ye" + "ar")', 'Invoke-Expression "Add-Reached"', 'iex "Add-Reached"', 'Add-Type -TypeDefinition "x"', 'New-Object object'
        'Get-Date > reached.txt', 'Get-Date 2> reached.txt', '$env:PATH', '$ExecutionContext', '${function:Add-Reached}', '$global:reached', '@args', 'Get-Date @PSBoundParameters'
        '$PSDefaultParameterValues', 'Get-Date -OutVariable reached', 'Get-Date -ov reached', 'Get-Date -OutV reached', 'Get-Date -PipelineVariable p', 'Set-Sample -WhatIf:$false'
        'Set-Sample -Confirm:$false', 'Set-Sample -wi:$false', 'Get-Date &', 'using namespace System; Get-Date', '<# #> using module Amp', 'configuration c { }', 'param($x) 1'
        'param($x = (Add-Reached)) 1', 'begin { Add-Reached }', 'process { 1 }', 'clean { Add-Reached }', 'function f { 1 }', 'filter f { 1 }', 'class c { }', 'enum e { a }'
        'foreach ($i in 1) { 1 }', 'while ($true) { 1 }', 'for (;;) { 1 }', 'do { 1 } while ($true)', 'switch (1) { 1 { 1 } }', 'try { 1 } catch { 1 }', 'trap { 1 }', 'throw 1'
        'return 1', 'exit 3', 'break', 'data { 1 }', "#Requires -Modules Amp`n1", 'pwsh -c 1', '/bin/sh', './x.ps1', 'C:\x.ps1', 'Microsoft.PowerShell.Utility\Get-Date', "'x' * 1000000000"
        '1..2000000000', '$_.a = 1', '$_++', '[int]$_', '{ 1 }.Invoke()', '(', 'Get-NoSuchThing', '', ' ', '# nothing', 'Get-Sample | Invoke-Command { Add-Reached }', 'icm { 1 }'
        'Get-Variable reached', 'Set-Alias Get-Date Add-Reached', 'Get-Date | Where-Object { Add-Reached }', 'Get-Date | Where-Object { $_.Kill() }'
        'Get-Date | Select-Object @{ n = "a"; e = { Add-Reached } }', 'Get-Date | Sort-Object { [Environment]::Exit(3) }'
        ("'" + 'x' * 9000 + "'"), (('(' * 3000) + 'Add-Reached' + (')' * 3000)), ('1' + '+1' * 3500 + '; Add-Reached')
        "Get-Date`n`u{2028}Add-Reached", 'Get-Date | & Add-Reached', '"a" | . Add-Reached', '[ScriptBlock]::Create("1")', '$_.PSObject.Methods["x"].Invoke()', '-join { 1 }.Invoke()'
    ) | ForEach-Object { @{ Text = $_; Name = $_.Length -gt 80 ? "$($_.Substring(0, 20))... ($($_.Length) characters)" : $_ } }

    $admitted = @(
        @{ Text = "'b', 'a' | Sort-Object"; Expected = '["a","b"]' }
        @{ Text = '1, 2, 3 | Where-Object { $_ -gt 1 } | ForEach-Object { $_ + 1 }'; Expected = '[3,4]' }
        @{ Text = '1, 2, 3 | ? { $_ -ne 2 } | % { "n$_" }'; Expected = '["n1","n3"]' }
        @{ Text = 'Get-Sample | Where-Object Size -eq 2 | Select-Object Name, @{ n = "Half"; e = { $_.Size / 2 } }'; Expected = '{"Name":"b","Half":1}' }
        @{ Text = '(Get-Sample)[0].Name.Length'; Expected = '1' }
        @{ Text = 'if ((Get-Sample).Count -eq 2) { "two" } else { "other" }'; Expected = '"two"' }
        @{ Text = "'{0:N1}' -f 1.75; 'a,b' -split ','"; Expected = '["1.8","a","b"]' }
        @{ Text = "'using configuration of this'"; Expected = '"using configuration of this"' }
        @{ Text = 'Get-Sample -Fail 2>&1 | Measure-Object | Select-Object -ExpandProperty Count'; Expected = '1' }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Add-Reached { $script:reached = $true }

    function Get-Sample {
        [CmdletBinding()]
        param([switch] $Fail)

        if ($Fail) { Write-Error 'no' -ErrorAction Continue; return }

        [pscustomobject]@{ Name = 'a'; Size = 1 }
        [pscustomobject]@{ Name = 'b'; Size = 2 }
    }

    # In JSON, such a letter can take six characters, and a backslash always takes two: then they are longer than a message between the processes can be.
    function Get-Wide { 1..2 | ForEach-Object { 'é' * 4MB } }

    function Get-Backslash { 1..5 | ForEach-Object { '\' * 4MB } }

    function Get-Length { $input | ForEach-Object { $_.Length } }

    function Set-Sample {
        [CmdletBinding(SupportsShouldProcess)]
        param()

        if ($PSCmdlet.ShouldProcess('sample')) { $script:changed++ }
    }
}

Describe "A tool that takes scripts$missing" -Skip:([bool] $missing) -ForEach @{ RefusedScript = $refused; AdmittedScript = $admitted } {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        $script:reached = $false
        $script:changed = 0
        $allowed = 'Get-*', 'Set-Sample', 'Where-Object', 'ForEach-Object', 'Select-Object', 'Sort-Object', 'Measure-Object', 'Invoke-*'

        function Get-Answer([string[]] $Text, [hashtable] $Option = @{}) {
            # One run for all texts: the agent calls the tool once for each.
            $prompt = -join ($Text | ForEach-Object { "RUN:mcp__ps__PowerShell $(@{ Script = $_ } | ConvertTo-Json -Compress)END" })
            $null = Invoke-AmpAgent $prompt @call @Option -Tool (New-AmpTool -PowerShell -AllowedCommand $allowed)
            foreach ($block in (Get-AmpModelRequest $service)[-1].request.messages[-1].content | Where-Object { $_.type -eq 'tool_result' }) {
                -join @($block.content).text
            }
        }

        $texts = @($RefusedScript.Text) + @($AdmittedScript.Text)
        $answers = @(Get-Answer $texts)
        $answerOf = @{}
        for ($i = 0; $i -lt $texts.Count; $i++) { $answerOf[$texts[$i]] = $answers[$i] }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'refuses <Name>' -ForEach $refused {
        $answerOf[$Text] | Should -BeLike '<error>The *'
    }

    It 'has run nothing of what it refuses' {
        $script:reached | Should -BeFalse
        $script:changed | Should -Be 0
        Join-Path $place.Project 'reached.txt' | Should -Not -Exist
    }

    It 'runs <Text>' -ForEach $admitted {
        $answerOf[$Text] | Should -Be $Expected
    }

    It 'changes nothing unless changes are allowed' {
        Get-Answer 'Set-Sample; Get-Date | ForEach-Object { Set-Sample }' | Should -BeLike '*-WhatIf: nothing was changed*'
        $script:changed | Should -Be 0
        $null = Get-Answer 'Set-Sample; Get-Date | ForEach-Object { Set-Sample }' @{ AllowToolChange = $true }
        $script:changed | Should -Be 2
    }

    It 'passes much data in both directions, and says what is too much' {
        $answers = @(Get-Answer 'Get-Wide | ForEach-Object { $_.Length }', 'Get-Wide | Get-Length', 'Get-Backslash')
        $answers[0, 1] | Should -Be '[4194304,4194304]', '[4194304,4194304]'
        $answers[2] | Should -BeLike '<error>*Ask for less*'
    }

    It 'offers commands that read no secrets unless others are named' {
        $tool = New-AmpTool -PowerShell
        $tool.Name | Should -Be 'PowerShell'
        $tool.Description | Should -Match 'Get-Process'
        $tool.Description | Should -Not -Match 'Get-(Item|Content|ChildItem|Variable)'
        $tool.InputSchema | Should -BeLike '*"required":`["Script"`]*'
    }
}

Describe "In the PowerShell of a .NET tool$missing" -Skip:([bool] ($missing -or $IsWindows)) {
    It 'starts it again although the program beside its libraries is for another system' {
        $place = Open-AmpTestPlace
        try {
            $copy = Join-Path $place.Root 'powershell'
            Copy-Item -Recurse -LiteralPath (Split-Path (Get-AmpTestLayout).PowerShell) $copy
            Set-Content -LiteralPath (Join-Path $copy 'pwsh') "#!/bin/sh`nexit 126"
            Set-Content -LiteralPath (Join-Path $place.Root 'stock.ps1') '"in stock"'
            Set-Content -LiteralPath (Join-Path $place.Root 'tools.ps1') @'
param($Support, $Root)
$ErrorActionPreference = 'Stop'
Import-Module $Support
Import-Module (Get-AmpTestLayout).Module
$place = Open-AmpTestPlace
try {
    $service = Open-AmpLocalService $place
    $call = Get-AmpLocalCall $place $service
    $null = Invoke-AmpAgent "RUN:mcp__ps__PowerShell $(@{ Script = '1 + 1' } | ConvertTo-Json -Compress)END" @call -Tool (New-AmpTool -PowerShell -AllowedCommand 'Get-*')
    $answer = (Get-AmpModelRequest $service)[-1].request.messages[-1].content | Where-Object { $_.type -eq 'tool_result' } | ForEach-Object { -join @($_.content).text }
    $tool = New-AmpTool -LiteralPath (Join-Path $Root 'stock.ps1') -Toolbox (Join-Path $Root 'toolbox') -Name stock
    $env:TOOLBOX_ACTION = 'execute'
    "$PSHOME|$answer|$('{}' | & $tool.FullName)"
} finally {
    Close-AmpTestPlace $place
}
'@
            $output = & dotnet (Join-Path $copy 'pwsh.dll') -NoProfile -NonInteractive -File (Join-Path $place.Root 'tools.ps1') (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1') $place.Root 2>&1 | Out-String
            $output.Trim() | Should -Be "$copy|2|in stock"
        } finally {
            Close-AmpTestPlace $place
        }
    }
}
