#Requires -Version 7.4

BeforeDiscovery {
    $why = $IsLinux ? '' : ' (not run: what a dead PowerShell has left is found on Linux only)'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe "A PowerShell that is killed with SIGKILL$why" -Skip:([bool] $why) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $running = Join-Path $place.Root 'running'
        $call = Get-AmpFakeCall $place 'ignore INT,TERM,HUP', 'spawn stubborn a', 'spawn setsid-quiet b', 'init', "mark $running", 'hang'

        # Gives the processes that were left behind.
        function Invoke-KilledOwner {
            Remove-Item -LiteralPath $running -ErrorAction Ignore
            $seen = @{}
            $null = Invoke-AmpTestShell $place 'Invoke-AmpAgent go @call -Permission (New-AmpPermission Read Allow)' -Call $call -While {
                param($process)
                Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'
                $seen.Owner = $process.Id
                $seen.Before = @(Get-AmpProcess | Where-Object OwnerId -EQ $process.Id)
                $process.Kill()
            }
            $seen
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'leaves processes that Get-AmpProcess finds and Stop-AmpProcess ends' {
        # Every run that begins, in another test too, ends what is left of dead owners: it may be faster at any moment. What is looked at is therefore collected
        # first, and counts only if the processes were still there at its end.
        foreach ($attempt in 1..20) {
            $seen = Invoke-KilledOwner
            $left = @(Get-AmpProcess -Orphan | Where-Object OwnerId -EQ $seen.Owner)
            if ($left.Count -ne $seen.Before.Count) {
                continue
            }

            $ownToo = @(Get-AmpProcess -Own | Where-Object Id -In $left.Id)
            $table = $left | Format-Table | Out-String
            $left | Stop-AmpProcess -WhatIf -ErrorAction SilentlyContinue
            $stillThere = @(Get-AmpProcess -Id $left.Id -ErrorAction SilentlyContinue)
            $stopped = @($left | Stop-AmpProcess -PassThru -ErrorAction SilentlyContinue)
            if ($stopped.Count -eq $seen.Before.Count) {
                break
            }
        }

        $left.IsOwn | Should -Not -Contain $true
        $ownToo | Should -BeNullOrEmpty

        $seen.Before.Count | Should -Be 3
        $seen.Before.IsOrphan | Should -Not -Contain $true
        $left.Id | Should -Be $seen.Before.Id
        @($left.RunId | Sort-Object -Unique).Count | Should -Be 1
        $table | Should -BeLike "*Id*Name*StartTime*Owner*IsOrphan*$($left[0].Id)*True*"

        $stillThere.Count | Should -Be 3
        $stopped.Id | Should -Be $left.Id
        Get-AmpTestProcess $place | Should -BeNullOrEmpty

        # The file with the settings goes with the next run that has one.
        $next = Get-AmpFakeCall $place
        $null = Invoke-AmpAgent 'next' @next -Permission (New-AmpPermission Read Allow)
    }

    It 'leaves what its script has written of the messages, by which the thread can be continued' {
        $record = Join-Path $place.Root 'record.jsonl'
        $script = 'Invoke-AmpAgent go @call | ForEach-Object { Add-Content -LiteralPath $env:AMP_TEST_RECORD -Value $_.RawJson }'
        $null = Invoke-AmpTestShell $place $script -Call $call -Variable @{ AMP_TEST_RECORD = $record } -While {
            param($process)
            Wait-AmpTestCondition { (Test-Path -LiteralPath $record) -and (Get-Content -Raw -LiteralPath $record) -match "\n$" } -Because 'a message has come'
            $process.Kill()
        }
        $thread = (Get-Content -LiteralPath $record | Select-Object -First 1 | ConvertFrom-Json).session_id
        $next = Get-AmpFakeCall $place
        (Invoke-AmpAgent 'go on' @next -ThreadId $thread)[-1].ThreadId | Should -Be $thread
    }

    It 'leaves nothing when the next run has begun: neither process nor file' {
        $seen = Invoke-KilledOwner
        @(Get-ChildItem -LiteralPath $place.Temp -Filter 'amp-sdk-*').Count | Should -Be 1 -Because 'there is something to sweep'
        $next = Get-AmpFakeCall $place
        $first = Invoke-AmpAgent 'next' @next -Permission (New-AmpPermission Read Allow) | Select-Object -First 1

        $first | Should -BeOfType [Amp.SystemMessage]
        $seen.Before | Where-Object { Test-AmpProcess $_.Id } | Should -BeNullOrEmpty
    }
}

Describe 'Stop-AmpProcess' {
    It 'ends nothing that is not of a run' {
        $errors = $null
        Stop-AmpProcess -Id $PID -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.StopAmpProcessCommand'
        $errors.TargetObject | Should -Be $PID
        { Get-AmpProcess -Id $PID -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.GetAmpProcessCommand'
    }

    It 'ends a run of this session, which fails' {
        $place = Open-AmpTestPlace
        try {
            $call = Get-AmpFakeCall $place 'init', 'hang'
            $messages = Invoke-AmpAgent 'go' @call -ErrorVariable errors -ErrorAction SilentlyContinue | ForEach-Object {
                $_
                Get-AmpProcess -Own | Where-Object { $_.Id -eq (Get-AmpFakeRecord $place -Kind Run).processId } | Stop-AmpProcess
            }

            $messages | Should -BeOfType [Amp.SystemMessage]
            $errors[0].FullyQualifiedErrorId | Should -Be 'CliTerminated,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        } finally {
            Close-AmpTestPlace $place
        }
    }

    It 'takes a process that has ended since it was listed for done' {
        [pscustomobject]@{ Id = [int]::MaxValue; RunId = [guid]::NewGuid().ToString('N') } | Stop-AmpProcess -ErrorVariable errors

        $errors | Should -BeNullOrEmpty
    }
}

Describe 'A run' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'reads and writes UTF-8 whatever the console is set to, and leaves that as it is' {
        $call = Get-AmpFakeCall $place
        $shell = Invoke-AmpTestShell $place @'
$latin = [System.Text.Encoding]::Latin1
[Console]::OutputEncoding = $latin
$OutputEncoding = [System.Text.Encoding]::ASCII
$answer = (Invoke-AmpAgent ([string]::new([char[]] (0xE4, 0x20AC, 0x4F60))) @call -ResultOnly).Result
"$([int[]][char[]] $answer) $([Console]::OutputEncoding.WebName) $($OutputEncoding.WebName)"
'@ -Call $call

        $shell.Output | Should -BeLike '* 228 8364 20320 iso-8859-1 us-ascii*'
    }

    It 'refuses a key that is no SecureString, and does not show it' {
        $call = Get-AmpFakeCall $place
        $failure = { Invoke-AmpAgent 'go' @call -ApiKey 'canary-plain-key' } | Should -Throw -PassThru

        "$failure $($failure.Exception) $($failure.ErrorDetails) $($failure.CategoryInfo)" | Should -Not -BeLike '*canary*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'shows no secret in its error, its warning or the view of either, though the CLI tells it in a message' {
        $canary = "canary$([guid]::NewGuid().ToString('N'))"
        $key = [System.Net.NetworkCredential]::new('', $canary).SecurePassword
        $failing = Get-AmpFakeCall $place 'init', "error rejected $canary"
        $null = Invoke-AmpAgent 'go' @failing -ApiKey $key -ErrorVariable errors -ErrorAction SilentlyContinue
        $shown = "$errors $($errors.CategoryInfo) $($errors | Format-List Exception, ErrorDetails, CategoryInfo | Out-String -Width 500)"
        $shown | Should -BeLike '*rejected `*`*`**'
        $shown | Should -Not -BeLike "*$canary*"

        $denied = Get-AmpFakeCall $place 'init', (Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'ls' }),
        (Get-AmpFakeToolStep -Result "Tool execution rejected by user: $canary" -Failed), 'assistant well', 'result well'
        $null = Invoke-AmpAgent 'go' @denied -ApiKey $key -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike '*rejected by user*'
        "$warnings" | Should -Not -BeLike "*$canary*"
    }
}

Describe "A remoting session over SSH$(if (-not $IsLinux) { ' (not run: the client of SSH is a shell script here)' })" -Skip:(-not $IsLinux) {
    BeforeAll {
        # PowerShell starts a client of SSH and speaks with what that starts on the other machine, which is this one here.
        $path = $env:PATH
        $place = Open-AmpTestPlace
        $client = New-Item -ItemType Directory -Path (Join-Path $place.Root 'ssh')
        Set-Content -LiteralPath (Join-Path $client 'ssh') -Value '#!/bin/sh', "exec '$((Get-AmpTestLayout).PowerShell)' -sshs -NoLogo -NoProfile"
        chmod +x (Join-Path $client 'ssh')
        $env:PATH = "$client$([System.IO.Path]::PathSeparator)$path"
        $running = Join-Path $place.Root 'running'
        $module = (Get-AmpTestLayout).Module
        $run = { param($module, $call) Import-Module $module; Invoke-AmpAgent go @call }
    }

    AfterAll {
        $env:PATH = $path
        Close-AmpTestPlace $place
    }

    BeforeEach {
        Remove-Item -LiteralPath $running -ErrorAction Ignore
        $hanging = Get-AmpFakeCall $place 'spawn setsid-quiet b', 'init', "mark $running", 'hang'
    }

    It 'gives the messages of a run, and ends the run when it is stopped, and when the session is removed' {
        $session = New-PSSession -HostName other.example
        $messages = Invoke-Command -Session $session $run -ArgumentList $module, (Get-AmpFakeCall $place)
        $messages[-1].Result | Should -Be 'Echo: go'
        $messages[-1].PSObject.TypeNames | Should -Contain 'Deserialized.Amp.ResultMessage'

        foreach ($end in { Stop-Job $job }, { Remove-PSSession $session }) {
            $job = Invoke-Command -Session $session $run -ArgumentList $module, $hanging -AsJob
            Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'
            & $end
            Wait-AmpTestCondition { -not (Get-AmpTestProcess $place) } -Because 'the run has ended'
            Remove-Job $job -Force
            Remove-Item -LiteralPath $running
        }
    }

    It 'ends its run when the connection is lost' {
        $script = '$session = New-PSSession -HostName other.example; Invoke-Command -Session $session { param($module, $call) Import-Module $module; Invoke-AmpAgent go @call } -ArgumentList (Get-Module Amp).Path, $call'
        $null = Invoke-AmpTestShell $place $script -Call $hanging -While {
            param($process)
            Wait-AmpTestCondition { Test-Path -LiteralPath $running } -Because 'the CLI runs'
            $process.Kill()
            Wait-AmpTestCondition { -not (Get-AmpTestProcess $place) } -Because 'the run has ended'
        }
    }
}
