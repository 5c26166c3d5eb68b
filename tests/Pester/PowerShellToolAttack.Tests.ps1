#Requires -Version 7.4
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'An attack that works is seen in the session itself.')]
param()

# What an agent might send to a tool that takes scripts, to get more than it was given. Each attack has a trace: what it would run, write, load or leave.

BeforeDiscovery {
    # Each would run Add-Reached, the script Evil.ps1 or the module Evil.psm1, all of which set $global:AmpTestReached, or read the script.
    $code = @(
        '1 | Where-Object -FilterScript (Get-Command ./Evil.ps1).ScriptBlock'
        '1 | Where-Object (Get-Command Evil.ps1).ScriptBlock'
        '1 | Where-Object -FilterScript (Get-Command Add-Reached).ScriptBlock'
        'Get-Command Add-Reached | Where-Object { $_ } | ForEach-Object { 1 | Where-Object $_.ScriptBlock }'
        '1 | ForEach-Object -Process (Get-Command Add-Reached).ScriptBlock'
        '1 | ForEach-Object -RemainingScripts (Get-Command Add-Reached).ScriptBlock'
        '1 | Select-Object @{ n = "x"; e = (Get-Command Add-Reached).ScriptBlock }'
        'Get-Command Add-Reached | Select-Object @{ n = "x"; e = $_.ScriptBlock }'
        'Get-Command Add-Reached | ForEach-Object { 1 | Select-Object @{ n = "x"; e = $_.ScriptBlock } }'
        '1 | Sort-Object (Get-Command Add-Reached).ScriptBlock', '2, 1 | Sort-Object @{ e = (Get-Command Add-Reached).ScriptBlock }'
        '1 | Group-Object (Get-Command Add-Reached).ScriptBlock', '1 | Measure-Object -Property (Get-Command Add-Reached).ScriptBlock'
        'Compare-Object 1 2 -Property (Get-Command Add-Reached).ScriptBlock', '1 | Format-Table (Get-Command Add-Reached).ScriptBlock'
        '1 | Format-List @{ e = (Get-Command Add-Reached).ScriptBlock }', '1 | Get-Sample -Value (Get-Command Add-Reached).ScriptBlock', '1 | Get-Sample -Value { Add-Reached }'
        '1 | Get-Sample -Value { (Get-Command Add-Reached).ScriptBlock }', 'Get-Command Add-Reached | Get-Sample -Value { $_.ScriptBlock }', '{ Add-Reached } | Get-Sample'
        '(Get-Command Add-Reached).ScriptBlock | Get-Sample', 'Get-Command Add-Reached | Select-Object -ExpandProperty ScriptBlock | ForEach-Object { 1 | Where-Object $_ }'
        '(Get-Command ./Evil.ps1).ScriptContents', 'Get-Command ./Evil.ps1 | Select-Object *', '(Get-Command *.ps1).Definition', 'Get-Command "$("./Evil.ps1")"'
        '"./Evil.ps1" | Get-Command', '@{ Name = "./Evil.ps1" } | Get-Command', 'Get-Command "./Evil.psm1\Add-Evil"', 'Get-Command -Name (Get-Sample -Path) ', 'Get-Command -Module ./Evil.psm1'
        'Get-Command -FullyQualifiedModule @{ ModuleName = "./Evil.psm1"; ModuleVersion = "0.0" }', 'Get-Command Get-Item -ArgumentList ./Evil.ps1', 'Get-Help ./Evil.ps1', 'Get-Module ./Evil.psm1 -ListAvailable'
        './Evil.psm1\Add-Evil', 'Evil\Add-Evil', 'Get-Item function:Add-Reached', '. ./Evil.ps1', '& (Get-Command Add-Reached)', '& (Get-Command Add-Reached).ScriptBlock'
        '[scriptblock]"Add-Reached"', '"Add-Reached" -as [scriptblock]', '$ExecutionContext.InvokeCommand', 'using module ./Evil.psm1', '1 | ForEach-Object -Parallel { Add-Reached }'
        'Get-Command Add-Reached | ForEach-Object -MemberName ScriptBlock | ForEach-Object -MemberName Invoke', 'Get-Sample -PipelineVariable p | Where-Object { $p }'
        'Get-Sample -Value 1 -OutVariable global:AmpTestReached', 'Invoke-CallerCommand Add-Reached @()', 'Get-Sample | Where-Object { Invoke-CallerCommand Add-Reached @() }'
        '(Get-Command Add-Reached).Module.SessionState.InvokeCommand', 'Get-Sample -Value (Get-Sample).PSObject', '1 | Where-Object -Property ScriptBlock -EQ (Get-Command Add-Reached).ScriptBlock'
        'Get-Process | Stop-Process', 'Write-Output { Add-Reached } | ForEach-Object { 1 | ForEach-Object $_ }', 'Write-Output "Add-Reached" | Where-Object { & $_ }'
        '"$(Add-Reached)"', '"$("$(Add-Reached)")"', "`"`$(`"`"a`"`"; Add-Reached)`"", 'Get-Date -Format { Add-Reached }', '1 | Where-Object { [scriptblock]::Create("Add-Reached").Invoke() }'
    ) | ForEach-Object { @{ Script = $_ } }

    # Each would write a file, a variable or a job, with commands that were allowed by patterns, or by name while changes are not allowed.
    $change = @(
        'Get-Sample | Tee-Object -FilePath ./written.txt', 'Get-Sample | Tee-Object -Variable global:AmpTestReached', 'Get-Date > ./written.txt', 'Get-Date | Out-File ./written.txt'
        'Invoke-RestMethod http://127.0.0.1:9 -OutFile ./written.txt', 'Invoke-WebRequest http://127.0.0.1:9 -OutFile ./written.txt', 'Invoke-Expression "Set-Content ./written.txt 1"'
        'Invoke-Command { Set-Content ./written.txt 1 }', 'Invoke-Command -ScriptBlock "1"', 'New-Object object', 'Remove-Item ./keep.txt', 'Remove-Item ./keep.txt -WhatIf:$false', 'Remove-Item ./keep.txt -Confirm:$false'
        "`"`$(Remove-Item ./keep.txt)`"", '"$("$(Remove-Item ./keep.txt)")"', '"$(Write-Output ""a"" ""b""; Remove-Item ./keep.txt)"', '"$("""$(Remove-Item ./keep.txt)""")"', '"a""b$(Remove-Item ""./keep.txt"")"'
        '1 | ForEach-Object { Remove-Item ./keep.txt }', '"./keep.txt" | Remove-Item', 'Get-Sample | Select-Object @{ n = "a"; e = { Remove-Item ./keep.txt } }', 'ri ./keep.txt', 'Set-AmpTestThing'
        'Remove-Item ./keep.txt -wh:$false', 'Remove-Item -Path ./keep.txt "-WhatIf:$false"', 'Remove-Item ./keep.txt @{ WhatIf = $false }', '@{ Path = "./keep.txt"; WhatIf = $false } | Remove-Item'
        '"$(Get-Date &)"', 'Get-Date &', '@(Get-Date &)', '"$("$(Get-Date &)")"', 'Get-Sample | ForEach-Object { Get-Date & }', 'Get-Sample -AsJob'
        '$_ = configuration Foo {}', 'configuration Foo {}', '@(configuration Foo { Node x { } })', '"$(configuration Foo {})"', 'if (1) { configuration Foo {} }', '1 | ForEach-Object { configuration Foo {} }'
    ) | ForEach-Object { @{ Script = $_ } }

    $work = @(
        @{ Script = 'Get-Sample | Where-Object Kind -eq "Monday" | Select-Object -First 1 Name'; Expected = '{"Name":"a"}' }
        @{ Script = 'Get-Sample | Where-Object Name -in "b", "c" | Select-Object -ExpandProperty Size'; Expected = '2' }
        @{ Script = 'Get-Sample | Where-Object { $_.Size -gt 1 } | ForEach-Object { $_.Name }'; Expected = '"b"' }
        @{ Script = 'Get-Sample | Sort-Object Size -Descending | Select-Object -ExpandProperty Name'; Expected = '["b","a"]' }
        @{ Script = 'Get-Sample | Group-Object Kind | Select-Object Name, Count'; Expected = '[{"Name":"Friday","Count":1},{"Name":"Monday","Count":1}]' }
        @{ Script = '(Get-Sample | Measure-Object Size -Sum).Sum'; Expected = '3' }
        @{ Script = 'Get-Sample | Where-Object Name -match "^[b-z]$" | Select-Object -ExpandProperty Size'; Expected = '2' }
        @{ Script = '"a1b22" -replace "[0-9]+", "-"'; Expected = '"a-b-"' }
        @{ Script = '(Get-Sample)[0].When.Year'; Expected = '2026' }
        @{ Script = 'Get-Sample -Value x, y'; Expected = '["x","y"]' }
        @{ Script = '"x", "y" | Get-Sample'; Expected = '["x","y"]' }
        @{ Script = 'Get-Sample -Value "-Path"'; Expected = '"-Path"' }
        @{ Script = '(Get-Command Get-Sample).Name'; Expected = '"Get-Sample"' }
        @{ Script = 'Get-Sample -Value @{ a = @(1, 2) } | ForEach-Object { $_.a }'; Expected = '[1,2]' }
        @{ Script = '"it is $((Get-Sample)[1].Name)"'; Expected = '"it is b"' }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $base = (Get-Module Amp).ModuleBase
    if (-not ('Amp.Tests.InvokeTestToolCommand' -as [type])) {
        Add-Type -TypeDefinition (Get-Content -Raw -LiteralPath (Join-Path $PSScriptRoot 'ToolCaller.cs')) -ReferencedAssemblies @(
            (Join-Path $base Amp.PowerShell.dll), (Join-Path $base Amp.Sdk.dll), [psobject].Assembly.Location) -CompilerOptions '/nowarn:1701' -IgnoreWarnings -WarningAction Ignore
    }

    Import-Module ([Amp.Tests.InvokeTestToolCommand].Assembly)

    function global:Add-Reached { $global:AmpTestReached = $true; 'reached' }

    function global:Set-AmpTestThing { Set-Content ./written.txt 1 }

    function global:Get-Sample {
        param([Parameter(ValueFromPipeline)] $Value, [switch] $Path)

        process {
            if ($Path) { return (Join-Path $PWD 'Evil.psm1'), (Join-Path $PWD 'Evil.ps1') }

            if ($null -ne $Value) { return $Value }

            [pscustomobject]@{ Name = 'a'; Size = 1; Kind = [System.DayOfWeek]::Monday; When = [datetime]'2026-01-02' }
            [pscustomobject]@{ Name = 'b'; Size = 2; Kind = [System.DayOfWeek]::Friday; When = [datetime]'2026-01-03' }
        }
    }

    function Invoke-Gate([string[]] $Script, [hashtable] $Option = @{}, [string[]] $Allowed = @('Get-*', 'Format-*', '*-Object', 'Write-Output', 'Invoke-*', 'Remove-Item', 'Set-AmpTestThing')) {
        $Script | ForEach-Object { @{ Script = $_ } | ConvertTo-Json -Compress } | Invoke-TestTool -Tool (New-AmpTool -PowerShell -AllowedCommand $Allowed) @Option
    }

    function Get-ChildCount { @(Get-Process -Name pwsh -ErrorAction Ignore | Where-Object { $_.Parent.Id -eq $PID }).Count }

    Push-Location $TestDrive
    Set-Content ./Evil.ps1 '$global:AmpTestReached = $true; "evil content"'
    Set-Content ./Evil.psm1 '$global:AmpTestReached = $true; function Add-Evil { $global:AmpTestReached = $true }'
    Set-Content ./keep.txt keep
    $path = $env:PATH
    $env:PATH += [System.IO.Path]::PathSeparator + $TestDrive
    $global:AmpTestReached = $false
    $files = (Get-ChildItem -Name) -join ','
}

AfterAll {
    $env:PATH = $path
    Pop-Location
    Remove-Item function:Add-Reached, function:Get-Sample, function:Set-AmpTestThing
    Remove-Variable AmpTestReached -Scope Global
}

Describe 'A tool that takes scripts, under attack' -ForEach @{ CodeScript = $code; ChangeScript = $change; WorkScript = $work } {
    BeforeAll {
        $answerOf = @{}
        $modules = (Get-Module).Name -join ','
        $answers = @(Invoke-Gate (@($CodeScript.Script) + @($ChangeScript.Script) + @($WorkScript.Script)))
        $i = 0
        foreach ($item in @($CodeScript) + @($ChangeScript) + @($WorkScript)) { $answerOf[$item.Script] = $answers[$i++] }
    }

    It 'runs and reads no code that came as a value: <Script>' -ForEach $code {
        $answerOf[$Script].Text | Should -Not -Match 'evil content|^"reached"'
    }

    It 'has run none of it' {
        $global:AmpTestReached | Should -BeFalse
        (Get-Module).Name -join ',' | Should -Be $modules
        Get-Module Evil | Should -BeNullOrEmpty
    }

    It 'changes nothing: <Script>' -ForEach $change {
        if (-not $answerOf[$Script].IsError) { $answerOf[$Script].Text | Should -Match '-WhatIf: nothing was changed' }
    }

    It 'has changed nothing and left nothing' {
        Get-Content ./keep.txt | Should -Be keep
        (Get-ChildItem -Name) -join ',' | Should -Be $files
        Get-Job | Should -BeNullOrEmpty
        Get-ChildCount | Should -Be 0
    }

    It 'still runs <Script>' -ForEach $work {
        $answerOf[$Script].Text | Should -Be $Expected
    }

    It 'says of what breaks PowerShell''s own parser that it cannot be read' {
        $nested = '"`"$(""a$(""""""$(Write-Output 1 | ? { $_.Year -ne enum Evil { a }true } | Sort-Object When)"")"")"'
        (Invoke-Gate $nested).Text | Should -Match '^The script was not run: it cannot be read'
    }

    It 'ends what does not end: <_>' -ForEach @(
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' -match '^(a+)+$'"
        "Get-Sample | Where-Object { 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' -replace '^(a+)+$' }"
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' -split '^(a+)+$'"
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | Where-Object Length -match '^([0-9]+)+x$' | Select-String '^(a+)+$'; 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | Select-String '^(a+)+$'"
    ) {
        $answer = Invoke-Gate $_ @{ ToolTimeoutSec = 3 } -Allowed 'Get-*', '*-Object', 'Select-String'
        $answer.Text | Should -Be 'PowerShell did not end within 3 s and was stopped.'
        Get-ChildCount | Should -Be 0
    }

    It 'bounds what a call takes of memory: <_>' -ForEach @(
        "'{0,999999}' -f 1 -replace ' ', ('{0,9999}' -f 1)"
        "'$('{0,999999}' * 400)' -f 1"
        ("'x' | " + (('ForEach-Object { "$_$_$_$_$_$_$_$_$_$_$_$_$_$_$_$_" }', 'ForEach-Object { $_ }' * 8) -join ' | '))
    ) {
        $before = [GC]::GetTotalMemory($true)
        $answer = Invoke-Gate $_ @{ ToolTimeoutSec = 60 }
        $answer.IsError | Should -BeTrue
        [GC]::GetTotalMemory($true) - $before | Should -BeLessThan 100MB
        Get-ChildCount | Should -Be 0
    }

    It 'gives the script''s process none of the session''s variables' {
        $env:AMP_TEST_SECRET = 'canary'
        try {
            $tool = New-AmpTool -PowerShell -AllowedCommand Get-Environment
            function global:Get-Environment { Get-Process -Name pwsh | Where-Object { $_.Parent.Id -eq $PID } | ForEach-Object { [System.IO.File]::ReadAllText("/proc/$($_.Id)/environ") } }
            if ($IsLinux) {
                $answer = '{"Script":"Get-Environment"}' | Invoke-TestTool -Tool $tool
                $answer.Text | Should -Match 'DOTNET_GCHeapHardLimit'
                $answer.Text | Should -Not -Match 'canary'
            }
        } finally {
            Remove-Item env:AMP_TEST_SECRET, function:Get-Environment
        }
    }

    It 'runs no command that is not allowed, and changes nothing, whatever becomes of scripts that are cut, joined and nested at random' {
        # The same in every run; by hand, more of them or others.
        $count = $env:AMP_TEST_MUTATIONS ?? 200
        $random = [Random]::new($env:AMP_TEST_SEED ?? 20261129)
        $pieces = @(@($CodeScript.Script) + @($ChangeScript.Script) + @($WorkScript.Script) | ForEach-Object { , @([regex]::Split($_, '(?<=[\W_])|(?=[\W_])') -ne '') })
        $pick = { param($list) , $list[$random.Next($list.Count)] }
        $json = for ($i = 0; $i -lt $count; $i++) {
            $first, $second = (& $pick $pieces), (& $pick $pieces)
            $text = switch ($random.Next(7)) {
                0 { -join ($first[0..$random.Next($first.Count)] + $second[$random.Next($second.Count)..($second.Count - 1)]) }
                1 { $list = [System.Collections.Generic.List[string]]$first; 1..3 | ForEach-Object { $list.Insert($random.Next($list.Count), (& $pick (& $pick $pieces))) }; -join $list }
                2 { $list = [string[]]$first; 1..2 | ForEach-Object { $list[$random.Next($list.Count)] = & $pick (& $pick $pieces) }; -join $list }
                3 { "$(-join $first) | Where-Object { $(-join $second) }" }
                4 { "`"`$($(-join $first))`"; $(-join $second)" }
                5 { "Get-Sample | Select-Object @{ n = 'a'; e = { $(-join $first) } }, @{ n = 'b'; e = $(-join $second) }" }
                6 { "Get-Sample -Value ($(-join $first)) | ForEach-Object { $(-join $second) }" }
            }
            @{ Script = $text } | ConvertTo-Json -Compress
        }
        $tool = New-AmpTool -PowerShell -AllowedCommand 'Get-*', 'Format-*', '*-Object', 'Write-Output', 'Invoke-*', 'Remove-Item', 'Set-AmpTestThing'
        $looked = [System.Collections.Generic.HashSet[string]]::new()
        $global:AmpTestReached = $false
        $ExecutionContext.InvokeCommand.PostCommandLookupAction = { param($name) $null = $looked.Add($name) }.GetNewClosure()
        try {
            $answers = @($json | Invoke-TestTool -Tool $tool -ToolTimeoutSec 30)
        } finally {
            $ExecutionContext.InvokeCommand.PostCommandLookupAction = $null
        }

        $answers.Count | Should -Be $count
        @($answers).Where{ -not $_.IsError }.Count | Should -BeGreaterThan 0
        # The module itself makes text of formatted output, by the full name.
        $null = $looked.Remove('Microsoft.PowerShell.Utility\Out-String')
        $looked | Where-Object { $_ -notlike 'Get-*' -and $_ -notlike 'Format-*' -and $_ -notlike '*-Object' -and $_ -notin 'Write-Output', 'Remove-Item', 'Set-AmpTestThing', 'Invoke-TestTool', 'Join-Path' -and $_ -notlike 'Invoke-*' } |
            Should -BeNullOrEmpty
        $global:AmpTestReached | Should -BeFalse
        Get-Module Evil | Should -BeNullOrEmpty
        Get-Content ./keep.txt | Should -Be keep
        (Get-ChildItem -Name) -join ',' | Should -Be $files
        Get-Job | Should -BeNullOrEmpty
        Get-ChildCount | Should -Be 0
    }

    It 'admits what may change something by its full name only, and where changes are allowed' {
        $set = 'Set-AmpTestThing'
        (Invoke-Gate $set -Allowed 'Set-*').IsError | Should -BeTrue
        (Invoke-Gate $set @{ AllowToolChange = $true } -Allowed 'Set-*').IsError | Should -BeTrue
        (Invoke-Gate $set -Allowed $set).IsError | Should -BeTrue
        './written.txt' | Should -Not -Exist
        (Invoke-Gate $set @{ AllowToolChange = $true } -Allowed $set).IsError | Should -BeFalse
        './written.txt' | Should -Exist
        Remove-Item ./written.txt
        (Invoke-Gate 'Remove-Item ./Evil.psm1' @{ AllowToolChange = $true } -Allowed Remove-Item).IsError | Should -BeFalse
        './Evil.psm1' | Should -Not -Exist
    }
}

Describe 'A command that shows what it is given (What if:)' {
    BeforeAll {
        function global:Set-AmpTestTarget {
            [CmdletBinding(SupportsShouldProcess)]
            param([Parameter(ValueFromPipeline)] $Name)

            process { $global:AmpTestReached = $true; if ($PSCmdlet.ShouldProcess("$Name")) { 'done' } }
        }

        $refusal = 'Set-AmpTestTarget .*control characters'
    }

    BeforeEach { $global:AmpTestReached = $false }

    AfterAll { Remove-Item function:Set-AmpTestTarget }

    It 'is not called as a tool with what steers a terminal or turns the direction of text: <_>' -ForEach @(
        '{"Name":"a\u001b[2Jb"}', '{"Name":"a\u202eb"}', '{"Name":"a\u0000b"}', '{"Name":"a\u009b2Jb"}', '{"Name":"a\u0007"}', '{"Name":["a",["\u001b[31m"]]}', '{"Name":{"a":{"b\u001b]0;x\u0007":1}}}'
    ) {
        foreach ($option in @{}, @{ AllowToolChange = $true }) {
            $answer = $_ | Invoke-TestTool -Tool (New-AmpTool -Command Set-AmpTestTarget) @option
            $answer.IsError | Should -BeTrue
            $answer.Text | Should -Match $refusal
            $global:AmpTestReached | Should -BeFalse
        }
    }

    It 'is not called by a script with them either: <_>' -ForEach @(
        'Set-AmpTestTarget "a`e[2Jb"', 'Set-AmpTestTarget -Name "a`u{202e}b"', 'Set-AmpTestTarget -Name:("a`0" + "b")', '"a`e[2Jb" | Set-AmpTestTarget', '@{ a = "b`a" } | Set-AmpTestTarget', '1 | ForEach-Object { Set-AmpTestTarget @("x", "`e]0;title`a") }'
    ) {
        foreach ($option in @{}, @{ AllowToolChange = $true }) {
            $answer = Invoke-Gate $_ $option -Allowed Set-AmpTestTarget, '*-Object'
            $answer.IsError | Should -BeTrue
            $answer.Text | Should -Match $refusal
            $global:AmpTestReached | Should -BeFalse
        }
    }

    It 'takes all other text, also of several lines' {
        $text = @{ Name = "Grüße`r`n`tzwei €" } | ConvertTo-Json -Compress
        ($text | Invoke-TestTool -Tool (New-AmpTool -Command Set-AmpTestTarget)).IsError | Should -BeFalse
        $global:AmpTestReached | Should -BeTrue
        (Invoke-Gate 'Set-AmpTestTarget "Grüße`n`tzwei"' -Allowed Set-AmpTestTarget).Text | Should -Match '-WhatIf: nothing was changed'
        ($text | Invoke-TestTool -Tool (New-AmpTool -Command Set-AmpTestTarget) -AllowToolChange).Text | Should -Be '"done"'
    }

    It 'is the only one: who shows nothing gets what the model has written' {
        (Invoke-Gate '("a`e[2Jb" | Get-Sample).Length').Text | Should -Be '6'
    }
}
